/** Random initial values of a ResNet. */

import { draw, kaimingNormal } from "../nn/init.ts";
import { elementCount, float32, type HostTensor, int64 } from "../tensor/host_tensor.ts";
import { type ResNetConfig, resNetSpecs } from "./resnet.ts";

/**
 * Initial values: convolutions have Kaiming's normal distribution (fan_out, ReLU); batch norms have weight 1,
 * bias 0, running mean 0, running variance 1 and counter 0.
 */
export function initialResNet(config: ResNetConfig, seed: number): Map<string, HostTensor> {
  const filled = (shape: readonly number[], value: number) =>
    float32(shape, new Float32Array(elementCount(shape)).fill(value));
  return new Map(
    resNetSpecs(config).map(({ name, shape, dtype }): [string, HostTensor] => {
      if (dtype === "int64") return [name, int64(shape, [0])];
      if (shape.length === 4) {
        const distribution = kaimingNormal(shape, { mode: "fan_out", nonlinearity: "relu" });
        return [name, draw(distribution, shape, { seed, name })];
      }
      return [name, filled(shape, /\.(weight|running_var)$/.test(name) ? 1 : 0)];
    }),
  );
}
