/** The prototype models by name, and the params of training kinds that name them. */

import { z } from "zod";
import type { Phase } from "../nn/optim/phases.ts";
import type { ModelDefinition } from "./model_definition.ts";
import { BY_NAME, MODELS } from "./model_list.ts";

type Models = typeof MODELS;

/** The name of a model. */
export type ModelName = Models[number]["name"];

/** @throws {RangeError} if there is no such model. */
export function definitionOf(name: string): ModelDefinition {
  const found = BY_NAME.get(name);
  if (!found) throw new RangeError(`there is no model "${name}", only ${[...BY_NAME.keys()].join(", ")}`);
  return found;
}

type Shapes = Pick<ModelDefinition, "name" | "architecture" | "coefs" | "rates">;
type Coefs<D extends Shapes> = z.ZodPrefault<z.ZodObject<D["coefs"], z.core.$strict>>;
type Rates<D extends Shapes> = z.ZodPrefault<z.ZodObject<D["rates"], z.core.$strict>>;
type Named<D extends Shapes> = { name: z.ZodLiteral<D["name"]>; coefs: Coefs<D> };

type InWarmUp<All extends readonly Shapes[]> = {
  [I in keyof All]: z.ZodObject<Named<All[I]> & All[I]["architecture"], z.core.$strict>;
};
type InJoint<All extends readonly Shapes[]> = {
  [I in keyof All]: z.ZodObject<Named<All[I]> & { learningRates: Rates<All[I]> }, z.core.$strict>;
};
type InFineTune<All extends readonly Shapes[]> = {
  [I in keyof All]: z.ZodObject<Named<All[I]>, z.core.$strict>;
};

/** A union over all models, told apart by `name`. */
function byName<Options>(fields: (definition: ModelDefinition) => z.ZodRawShape): Options {
  const definitions = [...BY_NAME.values()];
  return definitions.map((definition) =>
    z.strictObject({
      name: z.literal(definition.name),
      ...fields(definition),
      coefs: z.strictObject(definition.coefs).prefault({}),
    })
  ) as Options;
}

/** The param `model` of the warm-up: its name, its sizes and the numbers of its loss. */
export const warmUpModel = z.discriminatedUnion(
  "name",
  byName<InWarmUp<Models>>(({ architecture }) => architecture),
);

/** The param `model` of the joint phase: its name, the numbers of its loss and its initial learning rates. */
export const jointModel = z.discriminatedUnion(
  "name",
  byName<InJoint<Models>>(({ rates }) => ({
    learningRates: z.strictObject(rates).prefault({}),
  })),
);

/** The param `model` of the fine-tune phase: its name and the numbers of its loss. */
export const fineTuneModel = z.discriminatedUnion(
  "name",
  byName<InFineTune<Models>>(() => ({})),
);

/** The flaws of all models that concern a phase. */
export function flawsOf<P extends Phase>(phase: P): readonly Models[number]["flaws"][P][number][] {
  return [...new Set(MODELS.flatMap(({ flaws }) => [...flaws[phase]]))];
}
