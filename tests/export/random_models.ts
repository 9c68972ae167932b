/** Small models of each kind with random weights, statistics and prototypes. */

import { type LoadedModel, type ModelDescription, modelOf } from "../../lib/models/model_folder.ts";
import { elementCount, float32, type HostTensor } from "../../lib/tensor/host_tensor.ts";
import { RandomStream } from "../../lib/tensor/random.ts";

/** Width and height of views. */
export const SIZE = 64;
export const LAYERS = [1, 2, 1];
export const WIDTH = 4;
export const CLASSES = 3;

/** The sizes and the number of views of each model. */
export const CASES: Readonly<Record<string, { sizes: Readonly<Record<string, number>>; views: number }>> = {
  protomask: { sizes: { prototypesPerClass: 2, depth: 8 }, views: 3 },
  protopnet: { sizes: { prototypesPerClass: 2, depth: 8 }, views: 1 },
  protopool: { sizes: { prototypes: 7, slots: 2, depth: 8 }, views: 1 },
  pipnet: { sizes: {}, views: 1 },
};

/** A model whose statistics, weights and presence differ from their initial values. */
export function randomModel(
  name: string,
  sizes: Readonly<Record<string, number>>,
  viewsPerImage: number,
): LoadedModel {
  const description = {
    model: name,
    backbone: { block: "bottleneck", layers: LAYERS, width: WIDTH, strides: [1, 2, 2] },
    classes: Array.from({ length: CLASSES }, (_, i) => `class ${i}`),
    ...sizes,
    width: SIZE,
    height: SIZE,
    viewsPerImage,
    colors: { mean: [0.4, 0.5, 0.6], std: [0.2, 0.3, 0.4] },
  } as unknown as ModelDescription;
  const model = modelOf(description, { fidelity: { evaluation_noise: "intended" } });
  const state = model.initialState(3);
  for (const [tensor, { shape, dtype, data }] of state) {
    if (dtype !== "float32") continue;
    const noise = random(shape, tensor, 0.2).data;
    const moved = Float32Array.from(data as Float32Array, (value, i) => {
      const isVariance = tensor.endsWith("running_var");
      return value + (isVariance ? Math.abs(noise[i]) : noise[i]);
    });
    state.set(tensor, float32(shape, moved));
  }
  return { description, model, state };
}

/** Values between −scale/2 and scale/2. */
export function random(shape: readonly number[], purpose: string, scale: number): HostTensor<"float32"> {
  const values = new Float32Array(elementCount(shape));
  new RandomStream({ seed: 5, purpose, epoch: 0, index: 0 }).fillUniform(values);
  return float32(shape, values.map((value) => scale * (value - 0.5)));
}
