/** A small SAM 2.1 and weights for any size of it, made from random numbers. */

import { SAM2_CONFIGURATIONS, type Sam2Configuration } from "../../../lib/models/sam2/configurations.ts";
import { imageTensorSpecs } from "../../../lib/models/sam2/tensor_specs.ts";
import type { TensorSpec } from "../../../lib/nn/tensor_spec.ts";
import { elementCount, float32, type HostTensor } from "../../../lib/tensor/host_tensor.ts";
import { RandomStream } from "../../../lib/tensor/random.ts";

/** Everything that the published sizes have, for images of 128 × 128. */
export const SMALL: Sam2Configuration = {
  ...SAM2_CONFIGURATIONS["hiera-tiny"],
  imageSize: 128,
  channels: 16,
  stages: [1, 2, 2, 1],
  globalBlocks: [4],
  windows: [8, 4, 6, 3],
  width: 32,
};

/** Weights whose layers keep the size of what they are given. */
export function generatedWeights(configuration: Sam2Configuration, seed = 7): Map<string, HostTensor> {
  return new Map(imageTensorSpecs(configuration).map((spec) => [spec.name, generated(spec, seed)]));
}

function generated({ name, shape }: TensorSpec, seed: number): HostTensor<"float32"> {
  const data = new Float32Array(elementCount(shape));
  const stream = new RandomStream({ seed, purpose: name });
  const bound = 1.6 / Math.sqrt(elementCount(shape.slice(1)));
  if (name.endsWith(".bias")) stream.fillUniform(data, -0.2, 0.2);
  else if (shape.length === 1) stream.fillUniform(data, 0.8, 1.2);
  else if (/embed(dings)?(\.|_|$)|token|gaussian/.test(name.replace("patch_embed", ""))) {
    stream.fillUniform(data, -1, 1);
  } else stream.fillUniform(data, -bound, bound);
  return float32(shape, data);
}
