/** Reads a checkpoint of SAM 2.1 and checks every tensor. */

import { openWeights } from "../../nn/checkpoint/open.ts";
import { stateIn } from "../../nn/checkpoint/state_file.ts";
import type { TensorInfo } from "../../nn/checkpoint/weights_file.ts";
import { requireFit } from "../../nn/fit_tensors.ts";
import { nearestNames } from "../../nn/nearest_names.ts";
import { ParameterError, type Parameters } from "../../nn/parameters.ts";
import type { TensorSpec } from "../../nn/tensor_spec.ts";
import type { HostTensor } from "../../tensor/host_tensor.ts";
import { SAM2_CONFIGURATIONS, type Sam2Configuration, type Sam2Size } from "./configurations.ts";
import { imageTensorSpecs } from "./tensor_specs.ts";
import { videoTensorSpecs } from "./video_tensor_specs.ts";

/**
 * A tensor that every size has. It locates the state dictionary, which published checkpoints store under a
 * key.
 */
const FIRST_BIAS = "image_encoder.trunk.patch_embed.proj.bias";

/** The tensors of SAM 2.1, grouped by use. */
export interface Sam2Tensors {
  readonly image: readonly TensorSpec[];
  readonly video: readonly TensorSpec[];
}

/**
 * Checks that `tensors` are those of SAM 2.1 in the given size: all tensors for images, optionally those for
 * videos, and no others.
 *
 * @throws {ParameterError} naming the first tensor that is missing, unknown, or of the wrong shape or type.
 */
export function fitTensors(
  configuration: Sam2Configuration,
  tensors: ReadonlyMap<string, TensorInfo>,
): Sam2Tensors {
  const image = imageTensorSpecs(configuration);
  const video = videoTensorSpecs(configuration).filter(({ name }) => tensors.has(name));
  requireFit("SAM 2.1", image, video, tensors);
  return { image, video };
}

/**
 * The published size of a model with `tensors`, recognised by the first stage's channels and the number of
 * blocks.
 *
 * @throws {ParameterError} if it is not a published size.
 */
export function recogniseSize(tensors: ReadonlyMap<string, TensorInfo>): Sam2Size {
  const name = FIRST_BIAS;
  const channels = tensors.get(name)?.shape[0];
  if (channels === undefined) {
    const near = nearestNames(name, tensors.keys()).map((found) => `"${found}"`).join(", ");
    throw new ParameterError(
      name,
      `is missing: this is not a checkpoint of SAM 2.1 (nearest in the file: ${near || "no similar name"})`,
    );
  }
  const has = (block: number) => tensors.has(`image_encoder.trunk.blocks.${block}.norm1.weight`);
  for (const [size, configuration] of Object.entries(SAM2_CONFIGURATIONS)) {
    const blocks = configuration.stages.reduce((a, b) => a + b, 0);
    if (configuration.channels === channels && has(blocks - 1) && !has(blocks)) return size as Sam2Size;
  }
  throw new ParameterError(
    name,
    `has ${channels} channels; together with the number of blocks, this matches none of the sizes ${
      Object.keys(SAM2_CONFIGURATIONS).join(", ")
    }`,
  );
}

/** The image model of a published checkpoint. */
export interface Sam2Checkpoint {
  readonly configuration: Sam2Configuration;
  /** The tensors for images. */
  readonly parameters: Parameters;
}

/**
 * Reads the image model from a published checkpoint (`.pt`, or any other weight file with the same tensor
 * names).
 *
 * @param expected the required size; default: the published size that matches
 * @throws {WeightsError} if the file can't be read.
 * @throws {ParameterError} naming the first tensor that is missing or wrong.
 */
export function readSam2Checkpoint(
  file: string | Uint8Array,
  expected?: Sam2Configuration,
  log: (message: string) => void = () => {},
): Sam2Checkpoint {
  const weights = openWeights(file);
  try {
    const { tensors, read, rule } = stateIn(weights, [FIRST_BIAS]);
    log(rule);
    const configuration = expected ?? SAM2_CONFIGURATIONS[recogniseSize(tensors)];
    const parameters = new Map<string, HostTensor>();
    for (const { name } of fitTensors(configuration, tensors).image) {
      parameters.set(name, read(name));
    }
    return { configuration, parameters };
  } finally {
    weights.close();
  }
}
