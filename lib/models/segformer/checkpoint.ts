/** Reads a checkpoint of a SegFormer and checks every tensor. */

import { openWeights } from "../../nn/checkpoint/open.ts";
import { stateIn } from "../../nn/checkpoint/state_file.ts";
import type { TensorInfo } from "../../nn/checkpoint/weights_file.ts";
import { requireFit } from "../../nn/fit_tensors.ts";
import type { Parameters } from "../../nn/parameters.ts";
import type { TensorSpec } from "../../nn/tensor_spec.ts";
import type { SegformerConfiguration } from "./configuration.ts";
import { segformerSpecs } from "./tensor_specs.ts";

/** Batch counters, which only training uses; some files lack them. */
const UNREAD = /\.num_batches_tracked$/;

/**
 * The tensors that a SegFormer reads. Checks that `tensors` has all of them and no others.
 *
 * @throws {ParameterError} naming the first tensor that is missing, unknown, or of the wrong shape or type.
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
 * Reads the parameters from a checkpoint (safetensors, or any other weight file with the same tensor names).
 *
 * @throws {WeightsError} if the file can't be read.
 * @throws {ParameterError} naming the first tensor that is missing or wrong.
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
