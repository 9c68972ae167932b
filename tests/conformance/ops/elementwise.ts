/** The elementwise kinds, reductions and softmax of the suite `ops`. */

import type { Tensor } from "../../../lib/tensor/op.ts";
import {
  add,
  div,
  log,
  maximum,
  minimum,
  mul,
  neg,
  type Operand,
  pow,
  sub,
  where,
} from "../../../lib/tensor/ops/arithmetic.ts";
import { sum } from "../../../lib/tensor/ops/broadcast.ts";
import { crossEntropy } from "../../../lib/tensor/ops/cross_entropy.ts";
import { logSimilarity } from "../../../lib/tensor/ops/distance.ts";
import {
  abs,
  cast,
  clamp,
  cos,
  erf,
  exp,
  gelu,
  log1p,
  reciprocal,
  relu,
  rsqrt,
  sigmoid,
  sin,
  sqrt,
  square,
  tanh,
} from "../../../lib/tensor/ops/elementwise.ts";
import { cosineSimilarity, norm, normalize } from "../../../lib/tensor/ops/norm.ts";
import { argmax, argmin, cumsum, max, min, topk } from "../../../lib/tensor/ops/order.ts";
import { amax, amin, mean, prod } from "../../../lib/tensor/ops/reduce.ts";
import { attention, gumbelSoftmax, logSoftmax, logSumExp, softmax } from "../../../lib/tensor/ops/softmax.ts";
import { stopGradient } from "../../../lib/tensor/ops/stop_gradient.ts";
import type { Json } from "../case.ts";
import type { Build } from "../tensor_case.ts";
import { standardDeviation, variance } from "./composed.ts";

const unary = (op: (x: Tensor) => Tensor): Build => ({ x }) => op(x);
const binary = (op: (a: Operand, b: Operand) => Tensor): Build => ({ a, b }) => op(a, b);

const REDUCTIONS = { sum, mean, prod, var: variance, std: standardDeviation, amax, amin };

function reduce(x: Tensor, { op, axes, keepdim, correction }: Json): ReturnType<Build> {
  if (op === "max" || op === "min") {
    const extremum = { max, min }[op as "max" | "min"];
    const spread = { max: amax, min: amin }[op as "max" | "min"];
    if (axes?.length !== 1) return spread(x, { axes, keepdim });
    const { values, indices } = extremum(x, axes[0], { keepdim });
    return { y: values, indices };
  }
  return REDUCTIONS[op as keyof typeof REDUCTIONS](x, { axes, keepdim, correction });
}

export const builders: Record<string, Build> = {
  relu: unary(relu),
  sigmoid: unary(sigmoid),
  tanh: unary(tanh),
  exp: unary(exp),
  log: unary(log),
  log1p: unary(log1p),
  sqrt: unary(sqrt),
  rsqrt: unary(rsqrt),
  abs: unary(abs),
  neg: unary(neg),
  reciprocal: unary(reciprocal),
  sin: unary(sin),
  cos: unary(cos),
  erf: unary(erf),
  square: unary(square),
  gelu: ({ x }, { approximate }) => gelu(x, { approximate }),
  clamp: ({ x }, { min, max }) => clamp(x, { min: min ?? undefined, max: max ?? undefined }),
  pow: ({ x }, { exponent }) => pow(x, exponent),
  pow_tensor: ({ x, exponent }) => pow(x, exponent),
  add: binary(add),
  sub: binary(sub),
  mul: binary(mul),
  div: binary(div),
  maximum: binary(maximum),
  minimum: binary(minimum),
  where: ({ condition, a, b }) => where(cast(condition, "bool"), a, b),
  softmax: ({ x }, { axis }) => softmax(x, axis),
  log_softmax: ({ x }, { axis }) => logSoftmax(x, axis),
  logsumexp: ({ x }, { axis, keepdim }) => logSumExp(x, axis, { keepdim }),
  cross_entropy: ({ logits, labels, class_weights }, { reduction }) =>
    crossEntropy(logits, labels, { classWeights: class_weights, reduction }),
  argmax: ({ x }, { axis, keepdim }) => argmax(x, axis, { keepdim }),
  argmin: ({ x }, { axis, keepdim }) => argmin(x, axis, { keepdim }),
  topk: ({ x }, { k, axis, largest }) => {
    const { values, indices } = topk(x, k, axis, { largest });
    return { y: values, indices };
  },
  cumsum: ({ x }, { axis }) => cumsum(x, axis),
  reduce: ({ x }, params) => reduce(x, params),
  attention: ({ q, k, v, mask }, { scale }) => attention(q, k, v, { scale, mask }),
  log_activation: unary(logSimilarity),
  gumbel_softmax: ({ x, noise }, { tau, axis, hard }) => gumbelSoftmax(x, noise, { axis, tau, hard }),
  norm: ({ x }, { p, axes, keepdim }) => norm(x, p, { axes, keepdim }),
  normalize: ({ x }, { p, axis, eps }) => normalize(x, { p, axis, eps }),
  cosine_similarity: ({ a, b }, { axis, eps }) => cosineSimilarity(a, b, { axis, eps }),
  cosine_distance: ({ a, b }, { axis, eps }) => sub(1, cosineSimilarity(a, b, { axis, eps })),
  stop_gradient: ({ x, a }) => add(mul(x, stopGradient(x)), mul(stopGradient(a), x)),
};
