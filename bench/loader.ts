/**
 * Compares batches for training with the augmentation of ProtoMask (224 × 224, protomask and photometric at
 * medium) with PyTorch's DataLoader and albumentations 1.3.1: two threads against two workers, alternating in
 * one run:
 *
 *     PYTHON=python3 deno run -A bench/loader.ts
 *
 * `views` reads views that are already cropped; `images` decodes JPEG files of 500 × 375, like the loaders of
 * the baselines. Needs python3 with torch, albumentations, opencv-python-headless and Pillow.
 */

import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Loader, type LoaderOptions } from "../lib/data/loader/loader.ts";
import { writeViews } from "../tests/data/views/write_views.ts";
import { oneView, type Recipe } from "../lib/vision/augment/views.ts";
import { IMAGENET } from "../lib/vision/normalize.ts";
import { median, Side } from "./side.ts";

const ROUNDS = 7;
const IMAGES = 96;
const VIEWS = 8;
const SIDE = 224;
const PYTHON = Deno.env.get("PYTHON") ?? "python3";
const PEER = fileURLToPath(new URL("peers/loader.py", import.meta.url));

const common = { colors: IMAGENET, batchSize: 16, threads: 2, held: 5 } as const;

/** Adds an index to the peer's file of pixels. */
function indexViews(folder: string): void {
  const pixels = Deno.readFileSync(join(folder, "views.u8"));
  const bytes = VIEWS * SIDE * SIDE * 3;
  const rectangle = { left: 0, top: 0, width: SIDE, height: SIDE };
  const samples = Array.from({ length: IMAGES }, (_, id) => ({
    id,
    name: String(id),
    label: id % 10,
    width: SIDE,
    height: SIDE,
    rows: Array.from({ length: VIEWS }, (_, mask) => ({ mask, rectangle })),
    views: Array.from({ length: VIEWS }, (_, view) => view),
  }));
  const classes = Array.from({ length: 10 }, (_, label) => String(label));
  writeViews(folder, {
    split: "train",
    width: SIDE,
    height: SIDE,
    viewsPerImage: VIEWS,
    classes,
    classWeights: classes.map(() => 1),
    samples,
  }, samples.map((_, i) => pixels.subarray(i * bytes, (i + 1) * bytes)));
}

function casesOf(folder: string): Record<string, { options: LoaderOptions; recipe: Recipe }> {
  const images = Array.from({ length: IMAGES * VIEWS }, (_, id) => ({
    id,
    label: id % 10,
    path: join(folder, `${String(id).padStart(4, "0")}.jpg`),
  }));
  return {
    views: {
      options: { ...common, source: { views: folder } },
      recipe: oneView([["protomask", "medium"], ["photometric", "medium"]], "wrap"),
    },
    images: {
      options: { ...common, source: { images, width: SIDE, height: SIDE, fidelity: "reference" } },
      recipe: oneView([["geometric", "medium"], ["photometric", "medium"]], "wrap"),
    },
  };
}

/** Seconds of one epoch. */
async function epochOf(loader: Loader, recipe: Recipe, epoch: number): Promise<number> {
  const begin = performance.now();
  let total = 0;
  for await (const { values } of loader.shuffled({ recipe, seed: 0, epoch })) total += values[0];
  if (Number.isNaN(total)) throw new Error("a batch holds a NaN");
  return (performance.now() - begin) / 1000;
}

const folder = Deno.makeTempDirSync();
const size = [String(IMAGES), String(VIEWS)];
try {
  const { status } = spawnSync(PYTHON, [PEER, "make", folder, ...size], { stdio: "inherit" });
  if (status !== 0) throw new Error(`${PYTHON} could not make the data; it needs torch and albumentations`);
  indexViews(folder);
  const peer = new Side<number>(PYTHON, [PEER, "read", folder, ...size]);
  console.log("source  protoflow    peer  speed (images of 224 × 224 per second)");
  for (const [name, { options, recipe }] of Object.entries(casesOf(folder))) {
    const loader = new Loader(options);
    const ours: number[] = [];
    const theirs: number[] = [];
    for (let round = 0; round < ROUNDS + 1; round++) {
      theirs.push(await peer.ask(name));
      ours.push(await epochOf(loader, recipe, round));
    }
    loader.close();
    // The first round warms up both sides.
    const [own, other] = [median(ours.slice(1)), median(theirs.slice(1))];
    const rate = (seconds: number) => (IMAGES * VIEWS / seconds).toFixed(0).padStart(8);
    console.log(
      `${name.padEnd(8)} ${rate(own)} /s ${rate(other)} /s ${(other / own).toFixed(2).padStart(6)} ×`,
    );
  }
  await peer.close();
} finally {
  Deno.removeSync(folder, { recursive: true });
}
