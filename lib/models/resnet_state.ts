/** State dictionaries of published ResNets: the tensors in a file, and those that a backbone uses. */

import { describeMismatch } from "../nn/nearest_names.ts";
import type { TensorSpec } from "../nn/tensor_spec.ts";

/** The prefix of the backbone's tensors in the state dictionary of a model that contains one. */
export const BACKBONE_PREFIX = "backbone.";

/** Batch counters, initially 0. Files written before PyTorch 0.4.1 lack them. */
const COUNTER = ".num_batches_tracked";

export interface StateMapping {
  /** Tensors of the file that the model uses under the same name. */
  readonly taken: readonly string[];
  /** Tensors of the file that the model does not have. */
  readonly dropped: readonly string[];
  /** Tensors of the model that the file lacks, and their initial value. */
  readonly absent: readonly { readonly name: string; readonly value: number }[];
}

/**
 * Maps the tensors of a file to those of a model.
 *
 * @throws {RangeError} if the file lacks a tensor other than a batch counter.
 */
export function mapState(file: readonly TensorSpec[], model: readonly TensorSpec[]): StateMapping {
  const [inFile, inModel] = [file, model].map((specs) => new Set(specs.map(({ name }) => name)));
  const absent = [...inModel].filter((name) => !inFile.has(name));
  const needed = absent.find((name) => !name.endsWith(COUNTER));
  if (needed) {
    throw new RangeError(
      `the model needs the tensor "${needed}", which the file does not have${
        describeMismatch(inModel, inFile)
      }`,
    );
  }
  return {
    taken: [...inFile].filter((name) => inModel.has(name)),
    dropped: [...inFile].filter((name) => !inModel.has(name)),
    absent: absent.map((name) => ({ name, value: 0 })),
  };
}
