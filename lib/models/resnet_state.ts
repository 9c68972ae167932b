/** State dictionaries of published ResNets: which entries a file has and which of them a backbone takes. */

import { linearSpecs } from "../nn/layers/linear.ts";
import { describeMismatch } from "../nn/nearest_names.ts";
import type { TensorSpec } from "../nn/tensor_spec.ts";
import { resNetChannels, type ResNetConfig, resNetSpecs } from "./resnet.ts";

/** The prefix of the backbone's tensors in the state dictionary of a model that contains one. */
export const BACKBONE_PREFIX = "backbone.";

/** The number of classes of the published weights. */
const IMAGENET_CLASSES = 1000;

/** Batch counters, which files older than PyTorch 0.4.1 lack; they begin with 0. */
const COUNTER = ".num_batches_tracked";

/** torchvision's ResNet: the backbone and the classifier `fc`. */
export function classifierSpecs(config: ResNetConfig, classes: number = IMAGENET_CLASSES): TensorSpec[] {
  return [...resNetSpecs(config), ...linearSpecs("fc", resNetChannels(config), classes)];
}

/** What torchvision's first-generation files, such as resnet50-19c8e357.pth, hold of `specs`. */
export function firstGeneration(specs: readonly TensorSpec[]): TensorSpec[] {
  return specs.filter(({ name }) => !name.endsWith(COUNTER));
}

export interface StateMapping {
  /** Entries of the file that the model takes under the same name. */
  readonly taken: readonly string[];
  /** Entries of the file that the model has no place for. */
  readonly dropped: readonly string[];
  /** Entries of the model that the file lacks; with the value that they then get. */
  readonly absent: readonly { readonly name: string; readonly value: number }[];
}

/**
 * How the entries of a file map to those of a model.
 *
 * @throws {RangeError} naming an entry other than a batch counter that the file lacks.
 */
export function mapState(file: readonly TensorSpec[], model: readonly TensorSpec[]): StateMapping {
  const [inFile, inModel] = [file, model].map((specs) => new Set(specs.map(({ name }) => name)));
  const absent = [...inModel].filter((name) => !inFile.has(name));
  const needed = absent.find((name) => !name.endsWith(COUNTER));
  if (needed) {
    throw new RangeError(
      `the model needs "${needed}", which the file does not have${describeMismatch(inModel, inFile)}`,
    );
  }
  return {
    taken: [...inFile].filter((name) => inModel.has(name)),
    dropped: [...inFile].filter((name) => !inModel.has(name)),
    absent: absent.map((name) => ({ name, value: 0 })),
  };
}
