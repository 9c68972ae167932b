/**
 * What the terms of the loss, the number of views and the flaws of the published code do, on drawn birds: every term left
 * out in turn, each with both numbers of views and both fidelities.
 */
import { axis, defineWorkflow } from "protoflow";

const size = { width: 64, height: 64 };
const masked = { data: "data.data", masks: "masks.masks" } as const;
const numMasks = axis("views");
const published = { clst: 0.8, sep: 0.2, div: 0.2 };

export default defineWorkflow({
  name: "ablations-birds",
  about: "loss terms, number of views and fidelity on drawn birds",
  matrix: {
    loss: {
      published,
      "no-clst": { ...published, clst: 0 },
      "no-sep": { ...published, sep: 0 },
      "no-div": { ...published, div: 0 },
    },
    views: [3, 6],
    fidelity: ["reference", "intended"],
  },
  tasks: {
    data: { kind: "dataset", params: { name: "birds" } },
    masks: { kind: "segment", params: { method: { name: "contour" } }, inputs: { data: "data.data" } },
    "train-views": { kind: "crop-views", params: { split: "train", numMasks, ...size }, inputs: masked },
    "test-views": { kind: "crop-views", params: { split: "test", numMasks, ...size }, inputs: masked },
    "warm-up": {
      kind: "warm-up",
      params: {
        seed: 4871,
        depth: 64,
        prototypesPerClass: 5,
        backbone: { weights: "random", block: "basic", layers: [1, 1, 1, 1], width: 16 },
      },
      inputs: { views: "train-views.views" },
    },
    joint: {
      kind: "joint",
      params: {
        seed: 4871,
        epochs: 30,
        accumulateBatches: 1,
        validateEvery: 30,
        segment: 30,
        learningRates: { backbone: 2e-3, prototype_vectors: 3e-3 },
        schedule: { stepSize: 12 },
        coefs: { clst: axis("loss.clst"), sep: axis("loss.sep"), div: axis("loss.div") },
        fidelity: axis("fidelity"),
      },
      inputs: { state: "warm-up.state", views: "train-views.views" },
    },
    project: {
      kind: "project",
      params: { fidelity: axis("fidelity") },
      inputs: { state: "joint.state", views: "train-views.views" },
    },
    "fine-tune": {
      kind: "fine-tune",
      params: { seed: 4871, epochs: 5, accumulateBatches: 1, fidelity: axis("fidelity") },
      inputs: { state: "project.state", views: "train-views.views" },
    },
    prp: {
      kind: "prp",
      params: { fidelity: axis("fidelity") },
      inputs: { model: "fine-tune.model", views: "test-views.views" },
    },
    evaluate: {
      kind: "evaluate",
      params: { fidelity: axis("fidelity") },
      inputs: {
        data: "data.data",
        views: "test-views.views",
        model: "fine-tune.model",
        saliency: "prp.saliency",
      },
    },
  },
  profiles: {
    smoke: {
      matrix: { views: [3] },
      data: { birds: { trainPerClass: 3, testPerClass: 2, classes: 3, size: 96 } },
      joint: { epochs: 1, segment: 1 },
      "fine-tune": { epochs: 1 },
      prp: { prototypes: 2 },
      evaluate: { k: 2 },
    },
  },
});
