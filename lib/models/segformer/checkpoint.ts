/** Reads a checkpoint of a SegFormer and makes sure that it is one: every tensor is accounted for. */

import { openWeights } from "../../nn/checkpoint/open.ts";
import { stateIn } from "../../nn/checkpoint/state_file.ts";
import type { TensorInfo } from "../../nn/checkpoint/weights_file.ts";
import { requireFit } from "../../nn/fit_tensors.ts";
import type { Parameters } from "../../nn/parameters.ts";
import type { TensorSpec } from "../../nn/tensor_spec.ts";
import type { SegformerConfiguration } from "./configuration.ts";
import { segformerSpecs } from "./tensor_specs.ts";

/** Counted in training; a model that is only run does not read it, and some files lack it. */
const UNREAD = /\.num_batches_tracked$/;

/**
 * The tensors of a SegFormer that its network reads, all of which `tensors` must have, and no other.
 *
 * @throws {ParameterError} naming the first tensor that is missing, has another shape or type, or is not the model's.
 */
export function fitSegformer(
  configuration: SegformerConfiguration,
  tensors: ReadonlyMap<string, TensorInfo>,
): TensorSpec[] {
  const specs = segformerSpecs(configuration);
  const read = specs.filter(({ name }) => !UNREAD.test(name));
  requireFit("SegFormer", read, specs.filter(({ name }) => UNREAD.test(name)), tensors);
  return read;
}

/**
 * The parameters in a checkpoint (safetensors, or any other weight file with the same names).
 *
 * @throws {WeightsError} when the file can't be read.
 * @throws {ParameterError} naming the first tensor that does not fit.
 */
export function readSegformer(
  file: string | Uint8Array,
  configuration: SegformerConfiguration,
  log: (message: string) => void = () => {},
): Parameters {
  const weights = openWeights(file);
  try {
    const state = stateIn(weights, segformerSpecs(configuration).map(({ name }) => name));
    log(state.rule);
    const specs = fitSegformer(configuration, state.tensors);
    return new Map(specs.map(({ name }) => [name, state.read(name)]));
  } finally {
    weights.close();
  }
}
