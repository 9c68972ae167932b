/** Our side of bench/epoch.ts: answers each command on stdin, one JSON object per line, with one line. */

import { createInterface } from "node:readline";
import process from "node:process";
import { resNetBackbone } from "../lib/models/backbone.ts";
import { protoMask } from "../lib/models/protomask.ts";
import { writeViews } from "../lib/data/views/views_file.ts";
import { type Batches, trainEpoch } from "../lib/models/training/loop/epoch.ts";
import { PhaseTraining, type TrainingBatch } from "../lib/models/training/step/phase_training.ts";
import { untrained } from "../lib/models/training/state/training_state.ts";
import { ViewSet } from "../lib/models/training/phase/view_batches.ts";
import { oneView } from "../lib/vision/augment/views.ts";
import { float32, int64 } from "../lib/tensor/host_tensor.ts";
import { RandomStream } from "../lib/tensor/random.ts";
import { IMAGENET, normalizeInto, normalizeTables } from "../lib/vision/normalize.ts";
import type { EpochCase } from "./epoch.ts";

/**
 * Runs an epoch from views in memory, through the loader with augmentation, or of the loader alone; returns
 * the loss, if any.
 */
interface Epochs {
  memory(): Promise<number>;
  loader(): Promise<number>;
  loading(): Promise<undefined>;
}

function prepare(settings: EpochCase): Epochs {
  const { layers, width, classes, perClass, depth, views, size, batch, accumulate, images, threads } =
    settings;
  const model = protoMask({
    backbone: resNetBackbone({ block: "bottleneck", layers, width, strides: [1, 2, 2, 2] }),
    classes,
    prototypesPerClass: perClass,
    depth,
  });
  const random = new RandomStream({ seed: 1, purpose: "pixels" });
  const bytes = size * size * 3;
  const pixels = Uint8Array.from({ length: images * views * bytes }, () => random.uint32() >>> 24);
  const tables = normalizeTables(IMAGENET);
  function* batches(): Generator<TrainingBatch> {
    for (let from = 0; from < images; from += batch) {
      const count = Math.min(batch, images - from);
      const x = new Float32Array(count * views * bytes);
      for (let view = 0; view < count * views; view++) {
        const at = (from * views + view) * bytes;
        const data = pixels.subarray(at, at + bytes);
        normalizeInto(
          { width: size, height: size, channels: 3, order: "RGB", data },
          tables,
          x,
          view * bytes,
        );
      }
      const labels = Array.from({ length: count }, (_, i) => (from + i) % classes);
      yield { x: float32([count, views, 3, size, size], x), labels: int64([count], labels) };
    }
  }
  const training = new PhaseTraining(untrained(model.initialState(1)), {
    model,
    phase: "joint",
    accumulate,
    threads,
  });
  const rates = { backbone: 6e-5, prototype_vectors: 3e-3 };
  const train = async (source: Batches) => {
    const { means: { loss } } = await trainEpoch(training, source, {
      rates,
      accumulate,
      leftOverGradients: "reference",
    });
    return loss;
  };
  const set = viewSet(settings, pixels);
  const recipe = oneView([["protomask", "medium"], ["photometric", "medium"]], "wrap");
  let epoch = 0;
  return {
    memory: () => train(batches()),
    loader: () => train(set.shuffled({ recipe, seed: 1, epoch: epoch++ })),
    async loading() {
      for await (const _ of set.shuffled({ recipe, seed: 1, epoch: epoch++ }));
      return undefined;
    },
  };
}

/** Writes the pixels to a file and opens it as a set of views. */
function viewSet({ images, views, size, batch, classes }: EpochCase, pixels: Uint8Array): ViewSet {
  const folder = Deno.makeTempDirSync();
  const rectangle = { left: 0, top: 0, width: size, height: size };
  const samples = Array.from({ length: images }, (_, id) => ({
    id,
    name: String(id),
    label: id % classes,
    width: size,
    height: size,
    firstRow: id * views,
    rows: Array.from({ length: views }, (_, mask) => ({ mask, rectangle })),
    views: Array.from({ length: views }, (_, view) => view),
  }));
  const names = Array.from({ length: classes }, String);
  const index = { split: "train", width: size, height: size, viewsPerImage: views, classes: names } as const;
  writeViews(folder, { ...index, classWeights: names.map(() => 1), samples }, [pixels]);
  const set = new ViewSet(folder, { colors: IMAGENET, batchSize: batch });
  globalThis.addEventListener("unload", () => Deno.removeSync(folder, { recursive: true }));
  return set;
}

let epochs: Epochs | undefined;
for await (const line of createInterface({ input: process.stdin })) {
  const command = JSON.parse(line);
  const start = performance.now();
  let loss: number | undefined;
  if (command.case) epochs = prepare(command.case);
  else loss = await epochs![command.epoch as keyof Epochs]();
  console.log(JSON.stringify({ ms: performance.now() - start, loss }));
}
Deno.exit();
