/**
 * Compares reading a ResNet-50's weights (102 MB) in every format with PyTorch and safetensors, alternating
 * in one run:
 *
 *     deno run -A bench/weights.ts
 *
 * Needs python3 with torch and safetensors. Each side reads all tensors into memory and reads one value of
 * every page. TensorFlow.js shards (model.json), which the peer can't read, are compared with its own
 * safetensors.
 */

import { createInterface } from "node:readline";
import { spawn, spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { join } from "node:path";
import { readWeights } from "../lib/nn/checkpoint/open.ts";

const ROUNDS = 9;
const PEER = fileURLToPath(new URL("peers/weights.py", import.meta.url));

function readOnce(path: string): number {
  const begin = performance.now();
  let touched = 0;
  for (const { data } of readWeights(path).values()) {
    for (let i = 0; i < data.length; i += 1024) touched += Number(data[i]);
  }
  if (Number.isNaN(touched)) throw new Error("the weights contain NaN");
  return performance.now() - begin;
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1];
}

const folder = Deno.makeTempDirSync();
const peer = spawn("python3", [PEER, "read"], { stdio: ["pipe", "pipe", "inherit"] });
try {
  const { status } = spawnSync("python3", [PEER, "make", folder], { stdio: "inherit" });
  if (status !== 0) {
    throw new Error("the peer could not write the weights; it needs python3 with torch and safetensors");
  }
  const answers = createInterface({ input: peer.stdout })[Symbol.asyncIterator]();
  const readByPeer = async (path: string) => {
    peer.stdin.write(`${path}\n`);
    return Number((await answers.next()).value);
  };
  console.log("file                  protoflow     peer    speed");
  for (const name of ["zip.pth", "legacy.pth", "lightning.ckpt", "weights.safetensors", "model.json"]) {
    const path = join(folder, name);
    const peerPath = join(folder, name === "model.json" ? "weights.safetensors" : name);
    const ours: number[] = [];
    const theirs: number[] = [];
    for (let round = 0; round < ROUNDS + 2; round++) {
      theirs.push(await readByPeer(peerPath));
      ours.push(readOnce(path));
    }
    // The first two rounds warm up both sides.
    const [own, other] = [median(ours.slice(2)), median(theirs.slice(2))];
    console.log(
      `${name.padEnd(20)} ${own.toFixed(1).padStart(7)} ms ${other.toFixed(1).padStart(6)} ms ${
        (other / own).toFixed(2).padStart(6)
      } ×`,
    );
  }
} finally {
  peer.stdin.end();
  Deno.removeSync(folder, { recursive: true });
}
