/**
 * ProtoMask on drawn birds, from the data to the fine-tuned model: eight classes that differ in their parts,
 * masks by contours, and a small ResNet with random initial weights. All parameters were chosen on birds
 * drawn with another seed (`--set data.birds.seed=99`). The test birds are not used for any choice, not even
 * of a checkpoint: the joint phase only logs its loss on them, and the state after the last epoch is
 * evaluated.
 */

import type { AxisRef } from "protoflow";

/** The parameters that an experiment can vary, directly or by `axis(…)`. */
interface Varied<Axis extends string> {
  readonly seed: number | AxisRef<Axis>;
  /** The number of views per image. */
  readonly numMasks: number | AxisRef<Axis>;
  /** Weights of the loss terms; terms that are not given have their published weights. */
  readonly coefs: { readonly [term in "crs_ent" | "clst" | "sep" | "div" | "l1"]?: number | AxisRef<Axis> };
  readonly fidelity: Readonly<
    Record<"training" | "projection", "reference" | "intended" | AxisRef<Axis>>
  >;
}

/** The tasks from `data` to `fine-tune`. */
export function drawnBirds<const Axis extends string>(
  { seed, numMasks, coefs, fidelity: { training, projection } }: Varied<Axis>,
) {
  const size = { width: 64, height: 64 } as const;
  const masked = { data: "data.data", masks: "masks.masks" } as const;
  return {
    data: { kind: "dataset", params: { name: "birds" } },
    masks: { kind: "segment", params: { method: { name: "contour" } }, inputs: { data: "data.data" } },
    "mask-statistics": { kind: "mask-statistics", inputs: masked },
    "train-views": { kind: "crop-views", params: { split: "train", numMasks, ...size }, inputs: masked },
    "test-views": { kind: "crop-views", params: { split: "test", numMasks, ...size }, inputs: masked },
    "warm-up": {
      kind: "warm-up",
      params: {
        seed,
        model: { name: "protomask", depth: 64, prototypesPerClass: 5 },
        backbone: { weights: "random", block: "basic", layers: [1, 1, 1, 1], width: 16 },
      },
      inputs: { views: "train-views.views" },
    },
    joint: {
      kind: "joint",
      params: {
        seed,
        epochs: 40,
        accumulateBatches: 1,
        validateEvery: 5,
        segment: 20,
        model: { name: "protomask", coefs, learningRates: { backbone: 2e-3, prototype_vectors: 3e-3 } },
        schedule: { stepSize: 16 },
        fidelity: training,
      },
      inputs: { state: "warm-up.state", views: "train-views.views", validation: "test-views.views" },
    },
    project: {
      kind: "project",
      params: { fidelity: projection },
      inputs: { state: "joint.state", views: "train-views.views" },
    },
    "fine-tune": {
      kind: "fine-tune",
      params: { seed, model: { name: "protomask" }, epochs: 5, accumulateBatches: 1, fidelity: training },
      inputs: { state: "project.state", views: "train-views.views" },
    },
  } as const;
}

/** A profile that runs all stages in seconds, with one or two training steps. */
export const smokeBirds = {
  data: { birds: { classes: 3, trainPerClass: 4, testPerClass: 3, size: 96 } },
  joint: { epochs: 2, validateEvery: 2, segment: 1 },
  "fine-tune": { epochs: 1 },
  prp: { prototypes: 2 },
  evaluate: { k: 2 },
} as const;
