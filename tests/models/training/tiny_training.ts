/** A training of a few seconds: three classes of noisy patterns, a ResNet of width 2. */

import { resNetBackbone } from "../../../lib/models/backbone.ts";
import type { ModelDescription } from "../../../lib/models/model_folder.ts";
import { protoMask, type ProtoMaskConfig } from "../../../lib/models/protomask.ts";
import type { TrainingBatch } from "../../../lib/models/training/step/training_batch.ts";
import { rowsOfBatch } from "../rows_of_batch.ts";
import type { EpochsOptions } from "../../../lib/models/training/loop/run_epochs.ts";
import { float32, int64 } from "../../../lib/tensor/host_tensor.ts";
import { RandomStream } from "../../../lib/tensor/random.ts";

const CLASSES = 3;
const SHAPE = [2, 3, 32, 32];

export const tinyConfig: ProtoMaskConfig = {
  backbone: resNetBackbone({ block: "bottleneck", layers: [1, 1, 1, 1], width: 2, strides: [1, 2, 2, 2] }),
  classes: CLASSES,
  prototypesPerClass: 2,
  depth: 8,
};

export const tinyModel = protoMask(tinyConfig);

/** What describes the model in files. */
export const tinyDescription: ModelDescription = {
  model: "protomask",
  backbone: { block: "bottleneck", layers: [1, 1, 1, 1], width: 2, strides: [1, 2, 2, 2] },
  classes: ["a", "b", "c"],
  prototypesPerClass: 2,
  depth: 8,
  width: 32,
  height: 32,
  viewsPerImage: 2,
  colors: { mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] },
};

/** `count` images of two views. */
export function tinyImages(count: number, seed: number): TrainingBatch {
  const size = SHAPE.reduce((a, b) => a * b);
  const values = new Float32Array(count * size);
  for (let i = 0; i < count; i++) {
    const pattern = new RandomStream({ seed: 0, purpose: "pattern", index: i % CLASSES });
    const noise = new RandomStream({ seed, purpose: "noise", index: i });
    for (let at = 0; at < size; at++) {
      values[i * size + at] = pattern.uniform(-1, 1) + noise.uniform(-0.5, 0.5);
    }
  }
  const labels = Array.from({ length: count }, (_, i) => i % CLASSES);
  return { x: float32([count, ...SHAPE], values), labels: int64([count], labels) };
}

/** `all` in batches of `size`, shuffled by `epoch` where it is given. */
export function inBatches(all: TrainingBatch, size: number, epoch?: number): TrainingBatch[] {
  const count = all.labels.data.length;
  const order = epoch === undefined
    ? Array.from({ length: count }, (_, i) => i)
    : [...new RandomStream({ seed: 1, purpose: "shuffle", epoch }).permutation(count)];
  return order.filter((_, i) => i % size === 0).map((_, i) =>
    rowsOfBatch(all, order.slice(i * size, (i + 1) * size))
  );
}

const training = tinyImages(10, 1);
const heldOut = tinyImages(6, 2);

/** Joint training with steps that epochs do not divide into, validated every third epoch. */
export function tinyRun(epochs: number, more: Partial<EpochsOptions> = {}): EpochsOptions {
  return {
    model: tinyModel,
    phase: "joint",
    epochs,
    rates: (epoch) => ({ backbone: 1e-3 / (1 + epoch), prototype_vectors: 3e-3 }),
    accumulate: 2,
    validateEvery: 3,
    fidelity: { left_over_gradients: "reference", sanity_check: "reference" },
    train: (epoch) => inBatches(training, 4, epoch),
    validation: () => inBatches(heldOut, 4),
    ...more,
  };
}
