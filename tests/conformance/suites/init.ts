/** Runs the cases of the suite "init": the distributions of initial values, and samples drawn from them. */

import * as init from "../../../lib/nn/init.ts";
import { type Case, type Json, type Outcome, type Runner } from "../case.ts";
import { elementCount } from "../../../lib/tensor/host_tensor.ts";
import { drawTruncated, type TruncatedNormal, truncatedNormal } from "../reference/truncated_normal.ts";

/** The distribution's figures, and what a drawn tensor of the case's shape has to do with them. */
function drawn(distribution: (params: Json) => init.Distribution | TruncatedNormal): Runner {
  return ({ params, expect }: Case): Outcome => {
    const used = distribution(params);
    const { data } = used.distribution === "truncated_normal"
      ? drawTruncated(used, elementCount(params.shape), 4871)
      : init.draw(used, params.shape, { seed: 4871, name: "weight" });
    const mean = data.reduce((sum, value) => sum + value, 0) / data.length;
    const std = Math.sqrt(data.reduce((sum, value) => sum + (value - mean) ** 2, 0) / data.length);
    const { count, mean_within, std_within } = expect.sample;
    const faults: string[] = [];
    if (data.length !== count) faults.push(`${data.length} values were drawn, expected ${count}`);
    if (!(Math.abs(mean - expect.mean) <= mean_within)) faults.push(`the sample's mean is ${mean}`);
    if (!(Math.abs(std - expect.std) <= std_within)) faults.push(`the sample's std is ${std}`);
    const [low, high] = [Math.fround(expect.low ?? -Infinity), Math.fround(expect.high ?? Infinity)];
    if (data.some((value) => !(value >= low && value <= high))) {
      faults.push("a value lies outside of the bounds");
    }
    return { values: { ...used, sample: expect.sample }, faults };
  };
}

export const runners: Record<string, Runner> = {
  "init.fan": ({ params }) => {
    const { fanIn, fanOut } = init.fans(params.shape);
    return { values: { fan_in: fanIn, fan_out: fanOut } };
  },
  "init.kaiming_normal": drawn(({ shape, mode, nonlinearity, a }) =>
    init.kaimingNormal(shape, { mode, nonlinearity, a })
  ),
  "init.kaiming_uniform": drawn(({ shape, mode, a }) => init.kaimingUniform(shape, { mode, a })),
  "init.xavier_normal": drawn(({ shape, gain }) => init.xavierNormal(shape, gain)),
  "init.xavier_uniform": drawn(({ shape, gain }) => {
    // √3 times the standard deviation of the normal one.
    const bound = Math.sqrt(3) * init.xavierNormal(shape, gain).std;
    return init.uniform(-bound, bound);
  }),
  "init.trunc_normal": drawn(({ mean, std, a, b }) => truncatedNormal(mean, std, a, b)),
  "init.default_bias": drawn(({ weight_shape }) => init.defaultBias(weight_shape)),
  "init.uniform": drawn(({ low, high }) => init.uniform(low, high)),
  "init.normal": drawn(({ mean, std }) => init.normal(mean, std)),
  "init.last_layer": ({ params }) => ({
    tensors: {
      "out.weight": init.classIdentity(
        params.classes,
        Array.from({ length: params.classes * params.per_class }, (_, j) => Math.floor(j / params.per_class)),
      ),
    },
  }),
};
