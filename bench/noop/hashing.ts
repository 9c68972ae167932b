/** Hashing a file of 2 GB: all cores against one. */
import { createHash } from "node:crypto";
import { digestFiles } from "../../lib/flow/store/digest.ts";
import type { Measurement } from "./measure.ts";

const BYTES = 2 * 10 ** 9;
const ROUNDS = 3;

export async function benchmarkHashing(folder: string): Promise<Measurement[]> {
  const path = `${folder}/long`;
  const block = crypto.getRandomValues(new Uint8Array(65_536));
  const megabyte = new Uint8Array(1_000_000).map((_, i) => block[i % block.length]);
  using file = Deno.openSync(path, { create: true, write: true });
  for (let at = 0; at < BYTES; at += megabyte.length) file.writeSync(megabyte);
  let one = Infinity;
  let all = Infinity;
  for (let round = 0; round < ROUNDS; round++) {
    one = Math.min(one, await seconds(() => hashAlone(path)));
    all = Math.min(all, await seconds(() => digestFiles([{ path, size: BYTES }])));
  }
  const rate = (time: number) => `${(BYTES / time / 1e9).toFixed(2)} GB/s`;
  const cores = navigator.hardwareConcurrency;
  return [{
    what: `hashing 2 GB on ${cores} cores, to one core's rate`,
    value: `${rate(all)} / ${rate(one)} = ${(one / all).toFixed(2)} ×`,
    bar: cores < 2 ? "needs two cores" : "≥ 1.7 ×",
    met: cores < 2 || one / all >= 1.7,
  }];
}

async function seconds(work: () => unknown): Promise<number> {
  const began = performance.now();
  await work();
  return (performance.now() - began) / 1000;
}

function hashAlone(path: string): string {
  const hash = createHash("sha256");
  using file = Deno.openSync(path);
  const buffer = new Uint8Array(1 << 20);
  for (let count = file.readSync(buffer); count !== null; count = file.readSync(buffer)) {
    hash.update(count === buffer.length ? buffer : buffer.subarray(0, count));
  }
  return hash.digest("hex");
}
