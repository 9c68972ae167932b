/** A model in a folder: `model.json` describes it, `weights.safetensors` holds its state dictionary. */

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { readJson } from "../json/read_json.ts";
import { readWeights } from "../nn/checkpoint/open.ts";
import { writeSafetensors } from "../nn/checkpoint/safetensors_writer.ts";
import { requireFinite } from "../nn/finite.ts";
import { load, type Parameters, zerosOf } from "../nn/parameters.ts";
import { type HostTensor, int64 } from "../tensor/host_tensor.ts";
import { resNetBackbone } from "./backbone.ts";
import type { FidelityOptions, Flaw } from "./fidelity.ts";
import type { ModelDefinition } from "./model_definition.ts";
import { definitionOf } from "./models.ts";
import { MODELS } from "./model_list.ts";
import { isProjectable, type PrototypeModel } from "./prototypes/prototype_model.ts";

const FORMAT = "protoflow model 1";
/** The file in the folder of a model that describes it. */
export const DESCRIPTION_FILE = "model.json";
const WEIGHTS_FILE = "weights.safetensors";

const resNet = z.strictObject({
  block: z.enum(["basic", "bottleneck"]),
  layers: z.array(z.int().positive()),
  width: z.int().positive(),
  strides: z.array(z.int().positive()),
  channels: z.int().positive().optional(),
  strideIn: z.enum(["conv1", "conv2"]).optional(),
  norm: z.strictObject({ momentum: z.number().optional(), eps: z.number().optional() }).optional(),
});

/** The order of these fields, with those of the model after `classes`, is the order in the file. */
const before = {
  backbone: resNet,
  /** Class names by label. */
  classes: z.array(z.string()),
};
const after = {
  /** The size of the views, in pixels. */
  width: z.int().positive(),
  height: z.int().positive(),
  viewsPerImage: z.int().positive(),
  /** Mean and standard deviation of red, green and blue, for values in 0 … 1, for normalising views. */
  colors: z.strictObject({ mean: z.array(z.number()).length(3), std: z.array(z.number()).length(3) }),
  /** Of a pruned model: the prototypes that are left, in their order, by their numbers before any was pruned. */
  keptPrototypes: z.array(z.int().nonnegative()).min(1).optional(),
};

type Described<All extends readonly Pick<ModelDefinition, "name" | "architecture">[]> = {
  [I in keyof All]: z.ZodObject<
    & { format: z.ZodLiteral<typeof FORMAT>; model: z.ZodLiteral<All[I]["name"]> }
    & typeof before
    & All[I]["architecture"]
    & typeof after,
    z.core.$strict
  >;
};

const description = z.discriminatedUnion(
  "model",
  (MODELS as unknown as readonly ModelDefinition[]).map(({ name, architecture }) =>
    z.strictObject({
      format: z.literal(FORMAT),
      model: z.literal(name),
      ...before,
      ...architecture,
      ...after,
    })
  ) as unknown as Described<typeof MODELS>,
);

type WithoutFormat<T> = T extends unknown ? Omit<T, "format"> : never;

/** The content of `model.json`: architecture, classes and the statistics of the input. */
export type ModelDescription = WithoutFormat<z.output<typeof description>>;

/** What a model is built with, besides its description. */
export interface ModelOptions {
  /** The numbers of its loss; needed only for training. */
  readonly coefs?: Readonly<Record<string, number>>;
  /** Flaws that are not given use `reference`. */
  readonly fidelity?: Partial<FidelityOptions<Flaw>>;
}

/** Creates the model that a description specifies. */
export function modelOf(description: ModelDescription, options: ModelOptions = {}): PrototypeModel {
  const { model: name, backbone, classes, ...architecture } = description;
  const config = { ...architecture, backbone: resNetBackbone(backbone), classes: classes.length };
  const model = definitionOf(name).build(config, options);
  if (description.keptPrototypes && !isProjectable(model)) {
    throw new RangeError(`the description names kept prototypes, but those of ${name} can't be pruned`);
  }
  return model;
}

/**
 * Writes both files into `folder`, which must exist.
 *
 * @throws {NotFiniteError} if a tensor is not finite.
 */
export function writeModel(folder: string, described: ModelDescription, state: Parameters): void {
  requireFinite(state, "the model", "it is not stored");
  writeDescription(folder, described);
  writeSafetensors(join(folder, WEIGHTS_FILE), state);
}

/** Writes only `model.json`. Equal descriptions give equal bytes, independent of the order of fields. */
export function writeDescription(folder: string, described: ModelDescription): void {
  const text = JSON.stringify(description.parse({ format: FORMAT, ...described }), null, 1);
  writeFileSync(join(folder, DESCRIPTION_FILE), `${text}\n`);
}

/**
 * Reads `model.json` of a folder.
 *
 * @throws {JsonFileError} if the file is missing or malformed.
 */
export function readDescription(folder: string): ModelDescription {
  const { format: _, ...described } = readJson(join(folder, DESCRIPTION_FILE), description, "a model");
  return described;
}

/** A model, its description and its state dictionary. */
export interface LoadedModel {
  readonly description: ModelDescription;
  readonly model: PrototypeModel;
  readonly state: Map<string, HostTensor>;
}

/**
 * Reads the model that {@link writeModel} wrote.
 *
 * @throws {JsonFileError | WeightsError | ParameterError} if a file is missing or damaged, or the files do
 * not match.
 */
export function readModel(folder: string, options?: ModelOptions): LoadedModel {
  const described = readDescription(folder);
  const model = modelOf(described, options);
  const expected = new Map(
    model.specs.map((
      { name, shape, dtype },
    ) => [name, dtype === "int64" ? int64(shape, [0]) : zerosOf(shape)]),
  );
  const { tree } = load(expected, readWeights(join(folder, WEIGHTS_FILE)));
  return { description: described, model, state: tree };
}
