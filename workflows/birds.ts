/**
 * ProtoMask on drawn birds, from nothing but this project: ten classes that differ in their parts, masks by contours, a
 * small ResNet from random weights, three seeds. All params were chosen on birds drawn with another seed
 * (`--set data.birds.seed=99`); the test birds of this workflow chose none, not even a checkpoint: the state after the
 * last epoch is what is evaluated.
 */
import { axis, defineWorkflow } from "protoflow";

const size = { width: 64, height: 64 };
const views = { data: "data.data", masks: "masks.masks" } as const;

export default defineWorkflow({
  name: "birds",
  about: "ProtoMask on drawn birds: small, embedded, three seeds",
  matrix: { seed: [4871, 7579, 9307] },
  tasks: {
    data: { kind: "dataset", params: { name: "birds" } },
    masks: { kind: "segment", params: { method: { name: "contour" } }, inputs: { data: "data.data" } },
    "train-views": { kind: "crop-views", params: { split: "train", numMasks: 6, ...size }, inputs: views },
    "test-views": { kind: "crop-views", params: { split: "test", numMasks: 6, ...size }, inputs: views },
    "warm-up": {
      kind: "warm-up",
      params: {
        seed: axis("seed"),
        depth: 64,
        prototypesPerClass: 5,
        backbone: { weights: "random", block: "basic", layers: [1, 1, 1, 1], width: 16 },
      },
      inputs: { views: "train-views.views" },
    },
    joint: {
      kind: "joint",
      params: {
        seed: axis("seed"),
        epochs: 30,
        accumulateBatches: 1,
        learningRates: { backbone: 2e-3, prototype_vectors: 3e-3 },
        schedule: { stepSize: 12 },
        segment: 15,
      },
      inputs: { state: "warm-up.state", views: "train-views.views" },
    },
    project: {
      kind: "project",
      params: { fidelity: "intended" },
      inputs: { state: "joint.state", views: "train-views.views" },
    },
    "fine-tune": {
      kind: "fine-tune",
      params: { seed: axis("seed"), epochs: 5, accumulateBatches: 1 },
      inputs: { state: "project.state", views: "train-views.views" },
    },
  },
});
