/** Our side of bench/epoch.ts: answers commands on stdin, one JSON object a line, with one line each. */

import { createInterface } from "node:readline";
import process from "node:process";
import { resNetBackbone } from "../lib/models/backbone.ts";
import { protoMask } from "../lib/models/protomask.ts";
import { trainEpoch } from "../lib/models/training/epoch.ts";
import { PhaseTraining, type TrainingBatch } from "../lib/models/training/phase_training.ts";
import { untrained } from "../lib/models/training/training_state.ts";
import { float32, int64 } from "../lib/tensor/host_tensor.ts";
import { RandomStream } from "../lib/tensor/random.ts";
import { IMAGENET, normalizeInto, normalizeTables } from "../lib/vision/normalize.ts";
import type { EpochCase } from "./epoch.ts";

function prepare(settings: EpochCase): () => Promise<number> {
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
  return async () => {
    const { loss } = await trainEpoch(training, batches(), {
      rates,
      accumulate,
      leftOverGradients: "reference",
    });
    return loss;
  };
}

let epoch: (() => Promise<number>) | undefined;
for await (const line of createInterface({ input: process.stdin })) {
  const command = JSON.parse(line);
  const start = performance.now();
  let loss: number | undefined;
  if (command.case) epoch = prepare(command.case);
  else loss = await epoch!();
  console.log(JSON.stringify({ ms: performance.now() - start, loss }));
}
