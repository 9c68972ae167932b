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
import { type ProtoMask, protoMask, type ProtoMaskOptions } from "./protomask.ts";

const FORMAT = "protoflow model 1";
const DESCRIPTION_FILE = "model.json";
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

const description = z.strictObject({
  format: z.literal(FORMAT),
  model: z.literal("protomask"),
  backbone: resNet,
  /** Class names by label. */
  classes: z.array(z.string()),
  prototypesPerClass: z.int().positive(),
  /** The number of elements of a prototype. */
  depth: z.int().positive(),
  /** The size of the views, in pixels. */
  width: z.int().positive(),
  height: z.int().positive(),
  viewsPerImage: z.int().positive(),
  /** Mean and standard deviation of red, green and blue, for values in 0 … 1, for normalising views. */
  colors: z.strictObject({ mean: z.array(z.number()).length(3), std: z.array(z.number()).length(3) }),
});

/** The content of `model.json`: architecture, classes and the statistics of the input. */
export type ModelDescription = Omit<z.output<typeof description>, "format">;

/** Creates the model that a description specifies. */
export function modelOf(
  { backbone, classes, prototypesPerClass, depth }: ModelDescription,
  options?: ProtoMaskOptions,
): ProtoMask {
  const config = { backbone: resNetBackbone(backbone), classes: classes.length, prototypesPerClass, depth };
  return protoMask(config, options);
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
  readonly model: ProtoMask;
  readonly state: Map<string, HostTensor>;
}

/**
 * Reads the model that {@link writeModel} wrote.
 *
 * @throws {JsonFileError | WeightsError | ParameterError} if a file is missing or damaged, or the files do
 * not match.
 */
export function readModel(folder: string, options?: ProtoMaskOptions): LoadedModel {
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
