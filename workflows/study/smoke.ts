/** A profile that runs all stages of a row in seconds: a few images, a small network, one or two epochs. */
import type { TaskDefinition, WorkflowDefinition } from "protoflow";
import type { StudyRow } from "./rows.ts";

/** Overrides by task. */
export type Profile = NonNullable<WorkflowDefinition["profiles"]>[string];

/** The sizes of the models' heads. */
const SIZES: Readonly<Record<StudyRow["model"], Readonly<Record<string, number>>>> = {
  protomask: { depth: 32, prototypesPerClass: 2 },
  protopnet: { depth: 32, prototypesPerClass: 2 },
  protopool: { depth: 32, prototypes: 8, slots: 2 },
  pipnet: {},
};

/** The overrides for those tasks that a row has. */
export function smokeOf(model: StudyRow["model"], tasks: Readonly<Record<string, TaskDefinition>>): Profile {
  const size = { width: 64, height: 64 };
  const views = { ...size, ...(model === "protomask" && { numMasks: 3 }) };
  // Twelve images are three batches, and each batch is a step.
  const phase = { batchSize: 4, accumulateBatches: 1 };
  const profile: Profile = {
    data: { classes: 3, limit: 4 },
    masks: { method: { name: "contour" } },
    "train-views": views,
    "test-views": views,
    "warm-up": {
      ...phase,
      epochs: model === "protomask" ? 0 : 1,
      backbone: { weights: "random", block: "basic", layers: [1, 1, 1, 1], width: 8 },
      model: SIZES[model],
    },
    joint: { ...phase, epochs: 2, validateEvery: 2 },
    "fine-tune": { ...phase, epochs: 1, validateEvery: 1 },
    prp: { prototypes: 2 },
    evaluate: { k: 2 },
  };
  return ofPresent(profile, tasks);
}

/** The overrides of those tasks that there are, and of the matrix. */
export function ofPresent(profile: Profile, tasks: Readonly<Record<string, TaskDefinition>>): Profile {
  return Object.fromEntries(Object.entries(profile).filter(([task]) => task in tasks || task === "matrix"));
}
