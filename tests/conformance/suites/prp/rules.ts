/** Conformance of the rules that take relevance through single layers. */

import { foldBatchNorm } from "../../../../lib/explain/prp/canonise.ts";
import {
  alpha1Beta0,
  averagePool,
  type Convolve,
  maxPool,
  residualSum,
  zB,
} from "../../../../lib/explain/prp/layer_rules.ts";
import { similarityRule } from "../../../../lib/explain/prp/similarity_rule.ts";
import { sweepsOver } from "../../../../lib/explain/prp/sweeps.ts";
import type { HostTensor } from "../../../../lib/tensor/host_tensor.ts";
import type { Tensor } from "../../../../lib/tensor/op.ts";
import { add, div, equal, mul, neg, where } from "../../../../lib/tensor/ops/arithmetic.ts";
import { batchNorm } from "../../../../lib/tensor/ops/batch_norm.ts";
import { expand, sum } from "../../../../lib/tensor/ops/broadcast.ts";
import { conv2d } from "../../../../lib/tensor/ops/conv.ts";
import { logSimilarity } from "../../../../lib/tensor/ops/distance.ts";
import { relu, sigmoid, sign } from "../../../../lib/tensor/ops/elementwise.ts";
import { linear, matmul } from "../../../../lib/tensor/ops/matmul.ts";
import { maxPool2d } from "../../../../lib/tensor/ops/pool.ts";
import { mean } from "../../../../lib/tensor/ops/reduce.ts";
import { reshape, transpose } from "../../../../lib/tensor/ops/shape.ts";
import { slice, stack } from "../../../../lib/tensor/ops/slice.ts";
import { constant, full, input, zeros } from "../../../../lib/tensor/ops/source.ts";
import { type Case, type Json, type Outcome, type Runner, tensorsUnder } from "../../case.ts";
import { squaredDistance2d } from "../../ops/composed.ts";
import { runProgram } from "../../run_program.ts";

/** The case's `in.*` and `w.*` by name. */
function inputsOf(testCase: Case): { values: Map<string, HostTensor>; tensors: Record<string, Tensor> } {
  const values = new Map([...tensorsUnder(testCase, "in."), ...tensorsUnder(testCase, "w.")]);
  const tensors: Record<string, Tensor> = {};
  for (const [name, { shape }] of values) tensors[name] = input(name, "float32", shape);
  return { values, tensors };
}

type Layer = (tensors: Record<string, Tensor>, params: Json) => Record<string, Tensor>;

function layer(build: Layer): Runner {
  return async (testCase): Promise<Outcome> => {
    const { values, tensors } = inputsOf(testCase);
    const results = await runProgram(new Map(Object.entries(build(tensors, testCase.params))), values);
    return { tensors: Object.fromEntries([...results].map(([name, value]) => [`out.${name}`, value])) };
  };
}

const single = sweepsOver(1, 1);

function convolution({ stride, padding, groups = 1 }: Json): Convolve {
  return (x, weight) => conv2d(x, weight, { stride, padding, groups });
}

function biased(y: Tensor, bias: Tensor | undefined): Tensor {
  return bias ? add(y, reshape(bias, [-1, 1, 1])) : y;
}

/** The relevance at the vectors of all positions, summed over the prototypes, each of which is a sweep of its own. */
function similarity({ x, prototypes, relevance }: Record<string, Tensor>, { fidelity }: Json) {
  const [, depth, height, width] = x.shape;
  const count = prototypes.shape[0];
  const positions = transpose(reshape(x, [1, depth, height * width]), [0, 2, 1]);
  const atPositions = similarityRule(
    expand(positions, [count, height * width, depth]),
    reshape(prototypes, [count, depth]),
    reshape(relevance, [count, height * width]),
    fidelity,
  );
  const total = transpose(sum(atPositions, { axes: [0], keepdim: true }), [0, 2, 1]);
  return { y: logSimilarity(squaredDistance2d(x, prototypes)), relevance: reshape(total, x.shape) };
}

/** The ε rule for x·Wᵀ + bias, which gets no relevance; no model of the product has such a layer before its prototypes. */
function linearRelevance(x: Tensor, weight: Tensor, bias: Tensor, relevance: Tensor): Tensor {
  const z = linear(x, weight, bias);
  const divisor = where(equal(z, 0), 1e-6, add(z, mul(sign(z), 1e-6)));
  return mul(x, matmul(div(relevance, divisor), weight));
}

/** Forward values of layers that hand relevance through as it is. */
const IDENTITIES: Readonly<Record<string, (x: Tensor) => Tensor>> = {
  relu,
  sigmoid,
  batch_norm_reset: (x) => mul(x, 1 / Math.sqrt(1 + 1e-5)),
};

async function fuse(testCase: Case): Promise<Outcome> {
  const { values, tensors } = inputsOf(testCase);
  const { padding, eps } = testCase.params;
  const given = (name: string) => values.get(name) as HostTensor<"float32">;
  const folded = foldBatchNorm(given("weight"), values.has("bias") ? given("bias") : undefined, {
    weight: given("bn.weight"),
    bias: given("bn.bias"),
    mean: given("bn.running_mean"),
    variance: given("bn.running_var"),
  }, eps);
  const plain = batchNorm(biased(conv2d(tensors.x, tensors.weight, { padding }), tensors.bias), {
    weight: tensors["bn.weight"],
    bias: tensors["bn.bias"],
    runningMean: tensors["bn.running_mean"],
    runningVar: tensors["bn.running_var"],
    training: false,
    axis: 1,
    eps,
  }).y;
  const { shape } = folded.bias;
  const reset = batchNorm(conv2d(tensors.x, constant(folded.weight), { padding }), {
    weight: full(shape, 1),
    bias: zeros(shape),
    runningMean: neg(constant(folded.bias)),
    runningVar: full(shape, 1),
    training: false,
    axis: 1,
    eps,
  }).y;
  const results = await runProgram(new Map([["y_plain", plain], ["y_canonised", reset]]), values);
  return {
    tensors: {
      "out.weight": folded.weight,
      "out.bias": folded.bias,
      "out.y_plain": results.get("y_plain")!,
      "out.y_canonised": results.get("y_canonised")!,
    },
  };
}

export const ruleRunners: Record<string, Runner> = {
  "prp.conv_alpha1beta0": layer(({ x, weight, bias, relevance }, params) => {
    const convolve = convolution(params);
    return {
      y: biased(convolve(x, weight), bias),
      relevance: alpha1Beta0(x, weight, convolve, single)(relevance),
    };
  }),
  "prp.conv_zb": layer(({ x, weight, bias, relevance }, params) => {
    const convolve = convolution(params);
    return {
      y: biased(convolve(x, weight), bias),
      relevance: zB(x, weight, convolve, params, single)(relevance),
    };
  }),
  "prp.fuse_bn": fuse,
  "prp.linear_eps": layer(({ x, weight, bias, relevance }) => ({
    y: linear(x, weight, bias),
    relevance: linearRelevance(x, weight, bias, relevance),
  })),
  "prp.adaptive_avg_pool": layer(({ x, relevance }) => ({
    y: mean(x, { axes: [2, 3], keepdim: true }),
    relevance: averagePool(x, [2, 3], single)(relevance),
  })),
  "prp.residual_eps": layer(({ summands, relevance }) => {
    const [a, b] = [0, 1].map((i) =>
      reshape(slice(summands, { axes: [0], starts: [i], ends: [i + 1] }), summands.shape.slice(1))
    );
    return { y: add(a, b), relevance: stack(residualSum(a, b, single)(relevance), 0) };
  }),
  "prp.max_pool": layer(({ x, relevance }, { kernel, stride, padding }) => {
    const pool = (input: Tensor) => maxPool2d(input, { kernel, stride, padding }).values;
    return { y: pool(x), relevance: maxPool(x, pool, single)(relevance) };
  }),
  "prp.identity": layer(({ x, relevance }, params) => ({ y: IDENTITIES[params.layer](x), relevance })),
  "prp.similarity": layer(similarity),
};
