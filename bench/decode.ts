/**
 * Compares decoding and resizing of photographs with OpenCV and Pillow: deno run -A bench/decode.ts [--python
 * FILE] [FOLDER]
 */

import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { availableParallelism } from "node:os";
import { parseArgs } from "node:util";
import { decodeImage } from "../lib/vision/decode.ts";
import type { Image } from "../lib/vision/image.ts";
import { resizeLinear } from "../lib/vision/resize/opencv.ts";
import { resizePillow } from "../lib/vision/resize/pillow.ts";

const ROUNDS = 15;
const SIDE = 224;
/** The required fraction of the peer's images per second, for decoding and resizing together. */
const BAR = 0.8;

/** The number of our concurrent decodes and of the peer's threads. */
const threads = availableParallelism();

async function forEach<Input>(
  inputs: readonly Input[],
  work: (input: Input) => Promise<unknown>,
): Promise<void> {
  let next = 0;
  await Promise.all(
    Array.from({ length: 2 * threads }, async () => {
      while (next < inputs.length) await work(inputs[next++]);
    }),
  );
}

function linear(source: Image): Image {
  return resizeLinear(source, SIDE, SIDE);
}

function bilinear(source: Image): Image {
  return resizePillow(source, SIDE, SIDE, "bilinear");
}

function findJpegs(folder: string): string[] {
  return readdirSync(folder).sort().flatMap((name) => {
    const path = join(folder, name);
    if (statSync(path).isDirectory()) return findJpegs(path);
    return /\.jpe?g$/i.test(name) ? [path] : [];
  });
}

/** A Python process that reads the name of a task, runs it and returns its time. */
async function startPeer(python: string, paths: readonly string[]) {
  const script = join(import.meta.dirname!, "peers/decode.py");
  const process = new Deno.Command(python, {
    args: [script, String(threads), ...paths],
    stdin: "piped",
    stdout: "piped",
  }).spawn();
  const lines = process.stdout.pipeThrough(new TextDecoderStream()).getReader();
  const writer = process.stdin.getWriter();
  const readLine = async () => {
    const { value, done } = await lines.read();
    if (done) throw new Error(`${python} ended; it needs: pip install numpy opencv-python-headless pillow`);
    return value.trim();
  };
  return {
    versions: await readLine(),
    async seconds(task: string): Promise<number> {
      await writer.write(new TextEncoder().encode(`${task}\n`));
      return Number(await readLine());
    },
    async stop(): Promise<void> {
      await writer.close();
      await process.status;
    },
  };
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1];
}

const { values: options, positionals } = parseArgs({
  options: { python: { type: "string", default: "python3" } },
  allowPositionals: true,
});
const folder = positionals[0] ?? join(import.meta.dirname!, "../../shared/data/cub200-sample");
const paths = findJpegs(folder);
if (paths.length === 0) throw new Error(`${folder} has no JPEG files; give a folder with JPEG files`);
const images = await Promise.all(paths.map(decodeImage));
const peer = await startPeer(options.python, paths);

const TASKS: Readonly<Record<string, () => Promise<void> | void>> = {
  decode_cv2: () => forEach(paths, decodeImage),
  decode_pillow: () => forEach(paths, decodeImage),
  resize_cv2: () => images.forEach(linear),
  resize_pillow: () => images.forEach(bilinear),
  both_cv2: () => forEach(paths, async (path) => linear(await decodeImage(path))),
  both_pillow: () => forEach(paths, async (path) => bilinear(await decodeImage(path))),
};

console.log(`${paths.length} photographs to ${SIDE} × ${SIDE}, ${threads} threads; peers: ${peer.versions}`);
let met = true;
for (const [name, run] of Object.entries(TASKS)) {
  const ours: number[] = [];
  const theirs: number[] = [];
  for (let round = 0; round < ROUNDS + 2; round++) {
    const start = performance.now();
    await run();
    const own = (performance.now() - start) / 1000;
    const other = await peer.seconds(name);
    if (round < 2) continue;
    ours.push(paths.length / own);
    theirs.push(paths.length / other);
  }
  const ratio = median(ours.map((rate, i) => rate / theirs[i]));
  if (name.startsWith("both_") && ratio < BAR) met = false;
  console.log(
    `${name.padEnd(14)} ${median(ours).toFixed(0).padStart(6)} images/s, peer ` +
      `${median(theirs).toFixed(0).padStart(6)} images/s: ${ratio.toFixed(2)} ×`,
  );
}
await peer.stop();
console.log(`decode and resize together: bar ${BAR} × ${met ? "met" : "missed"}`);
Deno.exit(met ? 0 : 1);
