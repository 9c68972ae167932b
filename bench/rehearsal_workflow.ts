/**
 * All stages of ProtoMask on drawn birds of 32 × 32 pixels in 200 classes, as many as CUB-200-2011 has images, with a
 * network that learns next to nothing: what is measured is the engine. See bench/rehearsal.ts.
 */
import { defineWorkflow } from "protoflow";
import { explanationStages } from "../workflows/study/stages.ts";

const size = { width: 32, height: 32 } as const;
const masked = { data: "data.data", masks: "masks.masks" } as const;
const phase = { seed: 1, batchSize: 64, accumulateBatches: 1, augmentation: [] as [], segment: 1 };

export default defineWorkflow({
  name: "rehearsal",
  about: "all stages at the number of images of the paper, and the smallest sizes else",
  tasks: {
    data: {
      kind: "dataset",
      params: { name: "birds", birds: { classes: 200, trainPerClass: 30, testPerClass: 29, size: 32 } },
    },
    masks: {
      kind: "segment",
      params: { method: { name: "patches", factor: 4 } },
      inputs: { data: "data.data" },
    },
    "mask-statistics": { kind: "mask-statistics", inputs: masked },
    "train-views": {
      kind: "crop-views",
      params: { split: "train", numMasks: 11, ...size },
      inputs: masked,
    },
    "test-views": { kind: "crop-views", params: { split: "test", numMasks: 11, ...size }, inputs: masked },
    "warm-up": {
      kind: "warm-up",
      params: {
        ...phase,
        model: { name: "protomask", depth: 8, prototypesPerClass: 1 },
        backbone: { weights: "random", block: "basic", layers: [1, 1], width: 4 },
      },
      inputs: { views: "train-views.views" },
    },
    joint: {
      kind: "joint",
      params: { ...phase, epochs: 2, validateEvery: 2, model: { name: "protomask" } },
      inputs: { state: "warm-up.state", views: "train-views.views", validation: "test-views.views" },
    },
    project: {
      kind: "project",
      params: { batchSize: 64, fidelity: "intended" },
      inputs: { state: "joint.state", views: "train-views.views" },
    },
    "fine-tune": {
      kind: "fine-tune",
      params: { ...phase, epochs: 1, model: { name: "protomask" } },
      inputs: { state: "project.state", views: "train-views.views" },
    },
    ...explanationStages("intended"),
  },
  profiles: { few: { prp: { prototypes: 2 }, "prototype-prp": { prototypes: 2 }, evaluate: { k: 2 } } },
});
