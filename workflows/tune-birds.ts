/**
 * A search for the learning rates of ProtoMask on drawn birds: 20 trials of a short training, of which the first has the
 * values of the workflow `birds`. The birds are drawn with another seed than there, so that no choice sees its test birds.
 */
import { axis, before, defineWorkflow, each, value } from "protoflow";
import { drawnBirds } from "./study/drawn_birds.ts";
import { onOneCore } from "./study/stages.ts";

const { joint, project, "fine-tune": fineTune, "mask-statistics": _, ...birds } = drawnBirds<"trial">({
  seed: 4871,
  numMasks: 3,
  coefs: {},
  fidelity: { training: "reference", projection: "intended" },
});

/** Two trials run side by side. */
const EARLIER = before("trial.trial", "trial", 2);

const stop = {
  kind: "median-rule",
  params: {
    startupTrials: 4,
    warmupSteps: 7,
    intervalSteps: 4,
    reports: { step: "epoch", value: "validation.accuracy" },
  },
  inputs: { rivals: EARLIER },
} as const;

const mayFail = ["NotFiniteError"] as const;

const space = {
  "joint.backbone": { type: "float", low: 1e-4, high: 1e-2, log: true },
  "joint.prototype_vectors": { type: "float", low: 3e-4, high: 3e-2, log: true },
  "joint.step_size": { type: "int", low: 8, high: 24, step: 8 },
  fine_tune: { type: "float", low: 1e-5, high: 3e-3, log: true },
} as const;

export default defineWorkflow({
  name: "tune-birds",
  about: "ProtoMask on drawn birds: 20 trials for its learning rates",
  matrix: { trial: Array.from({ length: 20 }, (_, i) => i) },
  tasks: onOneCore({
    ...birds,
    data: {
      kind: "dataset",
      params: { name: "birds", birds: { seed: 99 } },
    },
    "warm-up": {
      ...birds["warm-up"],
      params: {
        ...birds["warm-up"].params,
        model: { name: "protomask", depth: 32, prototypesPerClass: 3 },
        backbone: { weights: "random", block: "basic", layers: [1, 1, 1], width: 8 },
      },
    },
    suggest: {
      kind: "suggest",
      params: {
        space,
        first: [
          { "joint.backbone": 2e-3, "joint.prototype_vectors": 3e-3, "joint.step_size": 16, fine_tune: 3e-4 },
        ],
        sampler: { name: "tpe", startupTrials: 6 },
        seed: 1,
        trial: axis("trial"),
      },
      inputs: { trials: EARLIER },
    },
    joint: {
      ...joint,
      params: {
        ...joint.params,
        epochs: 24,
        validateEvery: 2,
        segment: 4,
        model: {
          name: "protomask",
          learningRates: {
            backbone: value("suggest.suggestion", "joint.backbone", 2e-3),
            prototype_vectors: value("suggest.suggestion", "joint.prototype_vectors", 3e-3),
          },
        },
        schedule: { stepSize: value("suggest.suggestion", "joint.step_size", 16) },
      },
      stop,
      mayFail,
    },
    project,
    "fine-tune": {
      ...fineTune,
      params: {
        ...fineTune.params,
        epochs: 4,
        validateEvery: 2,
        learningRate: value("suggest.suggestion", "fine_tune", 3e-4),
      },
      inputs: { ...fineTune.inputs, validation: "test-views.views" },
      stop,
      mayFail,
    },
    trial: {
      kind: "trial",
      params: { trial: axis("trial"), objective: "validation.accuracy" },
      inputs: { suggestion: "suggest.suggestion", log: ["joint.log", "fine-tune.log"] },
    },
    best: { kind: "best-trial", inputs: { trials: each("trial.trial", "trial") } },
    report: {
      kind: "search-report",
      params: { title: "Search: ProtoMask on drawn birds", space, objective: "validation.accuracy" },
      inputs: { trials: each("trial.trial", "trial") },
    },
  }),
  result: "report.page",
  profiles: {
    smoke: {
      matrix: { trial: [0, 1, 2, 3] },
      data: { birds: { classes: 3, trainPerClass: 4, testPerClass: 3, size: 96 } },
      suggest: { sampler: { startupTrials: 2 } },
      joint: { epochs: 4, segment: 2 },
      "joint.stop": { startupTrials: 1, warmupSteps: 1, intervalSteps: 1 },
      "fine-tune": { epochs: 2 },
    },
  },
});
