/** The models of bench/epoch.ts, built by their definitions. */

import { z } from "zod";
import { resNetBackbone } from "../lib/models/backbone.ts";
import { definitionOf } from "../lib/models/models.ts";
import type { BatchPlace, PrototypeModel } from "../lib/models/prototypes/prototype_model.ts";
import { gradientProgram } from "../lib/models/training/step/batch_programs.ts";
import type { EpochCase } from "./epoch_case.ts";

export function modelOf({ model, layers, width, classes, architecture }: EpochCase): PrototypeModel {
  const backbone = resNetBackbone({ block: "bottleneck", layers, width, strides: [1, 2, 2, 2] });
  return definitionOf(model).build({ backbone, classes, ...architecture }, {});
}

/** The study's learning rates of the phase, by group. */
export function ratesOf(settings: EpochCase): Record<string, number> {
  const { rates, study } = definitionOf(settings.model);
  const joint = z.record(z.string(), z.number()).parse(z.strictObject(rates).parse({}));
  const ofGroup = (rate: string) => settings.phase === "joint" ? joint[rate] : study.warmUpRate;
  const groups = modelOf(settings).groups(settings.phase);
  return Object.fromEntries(groups.map(({ name, rate }) => [name, ofGroup(rate)]));
}

/** The names of the model's extra inputs that the loss of the phase reads. */
export function extraOf(settings: EpochCase): string[] {
  const model = modelOf(settings);
  const shape = definitionOf(settings.model).sees === "views" ? [2, 1, 3, 64, 64] : [2, 3, 64, 64];
  const { program } = gradientProgram(model, settings.phase, [], shape, 1);
  return model.extraInputs.map(({ name }) => name).filter((name) => program.inputs.has(name));
}

/** The place of a batch in the third epoch, in which ProtoPool has both noise and a scalar above 1. */
export function placeOf(index: number): BatchPlace {
  return { seed: 1, purpose: "training", epoch: 2, index };
}
