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
  /** Names by label. */
  classes: z.array(z.string()),
  prototypesPerClass: z.int().positive(),
  /** Length of a prototype. */
  depth: z.int().positive(),
  /** The size of the views, in pixels. */
  width: z.int().positive(),
  height: z.int().positive(),
  viewsPerImage: z.int().positive(),
  /** Mean and standard deviation of red, green and blue, of values in 0 … 1, that views are normalised with. */
  colors: z.strictObject({ mean: z.array(z.number()).length(3), std: z.array(z.number()).length(3) }),
});

/** The content of a model folder's description: architecture, classes and the statistics of its input. */
export type ModelDescription = Omit<z.output<typeof description>, "format">;

/** The model that a description means. */
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
 * @throws {NotFiniteError} when a tensor is not finite.
 */
export function writeModel(folder: string, described: ModelDescription, state: Parameters): void {
  requireFinite(state, "the model", "it is not kept");
  writeDescription(folder, described);
  writeSafetensors(join(folder, WEIGHTS_FILE), state);
}

/** Writes `model.json` alone; equal descriptions are equal bytes, whatever the order of their fields. */
export function writeDescription(folder: string, described: ModelDescription): void {
  const text = JSON.stringify(description.parse({ format: FORMAT, ...described }), null, 1);
  writeFileSync(join(folder, DESCRIPTION_FILE), `${text}\n`);
}

/**
 * What `model.json` of a folder says.
 *
 * @throws {JsonFileError} where it is missing or of another form.
 */
export function readDescription(folder: string): ModelDescription {
  const { format: _, ...described } = readJson(join(folder, DESCRIPTION_FILE), description, "a model");
  return described;
}

/** A model, what describes it and its state dictionary. */
export interface LoadedModel {
  readonly description: ModelDescription;
  readonly model: ProtoMask;
  readonly state: Map<string, HostTensor>;
}

/**
 * The model that {@link writeModel} wrote.
 *
 * @throws {JsonFileError | WeightsError | ParameterError} when a file is missing, damaged or does not fit the other.
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
