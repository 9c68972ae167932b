/**
 * Loss terms of prototype networks: classification, and comparisons of a class's prototypes with all others.
 */

import { type LayerContext, stateTensor } from "../../nn/layers/layer_context.ts";
import { int64 } from "../../tensor/host_tensor.ts";
import type { Tensor } from "../../tensor/op.ts";
import { equal, mul, sub } from "../../tensor/ops/arithmetic.ts";
import { sum } from "../../tensor/ops/broadcast.ts";
import { crossEntropy } from "../../tensor/ops/cross_entropy.ts";
import { abs, cast, exp } from "../../tensor/ops/elementwise.ts";
import { take } from "../../tensor/ops/gather.ts";
import { norm } from "../../tensor/ops/norm.ts";
import { max } from "../../tensor/ops/order.ts";
import { mean } from "../../tensor/ops/reduce.ts";
import { reshape, unsqueeze } from "../../tensor/ops/shape.ts";
import { constant, iota } from "../../tensor/ops/source.ts";
import { prototypeRows } from "./distances.ts";
import { CLASS_WEIGHTS } from "./head.ts";

/** The cross entropy of logits [N, classes] and int64 labels [N], with the class weights in the state. */
export function classificationLoss(
  { logits }: { readonly logits: Tensor },
  labels: Tensor,
  context: LayerContext,
): Tensor {
  return crossEntropy(logits, labels, { classWeights: stateTensor(context, CLASS_WEIGHTS) });
}

/** float32 [N, P]: 1 where the prototype belongs to the image's class, else 0. */
export function ownClass(labels: Tensor, prototypeClasses: readonly number[]): Tensor {
  const classes = constant(int64([prototypeClasses.length], prototypeClasses));
  return cast(equal(unsqueeze(labels, 1), classes), "float32");
}

/**
 * The mean over images of bound − max_j((bound − d_j)·mask_j): the mean distance to the nearest prototype of
 * the mask, or `bound` if none is nearer.
 *
 * @param distances [N, P]
 * @param mask [N, P], 0 or 1
 */
export function nearestCost(distances: Tensor, mask: Tensor, bound: number): Tensor {
  return mean(sub(bound, max(mul(sub(bound, distances), mask), 1).values));
}

/**
 * The mean over images of exp(−0.001·Σ‖p_i − p_k‖), where the sum is over all ordered pairs of prototypes of
 * the image's class. The gradient of a pair of equal prototypes is 0.
 *
 * @param prototypes [classes · perClass, D, 1, 1], grouped by class
 */
export function diversityCost(prototypes: Tensor, labels: Tensor, perClass: number): Tensor {
  const rows = prototypeRows(prototypes);
  const byClass = reshape(rows, [rows.shape[0] / perClass, perClass, rows.shape[1]]);
  const own = take(byClass, 0, labels);
  const lengths = norm(sub(unsqueeze(own, 2), unsqueeze(own, 1)), 2, { axes: [3] });
  return mean(exp(mul(sum(lengths, { axes: [1, 2] }), -0.001)));
}

/** Σ|w| over the weights [C, K] of the last layer that connect a class with a column of another class. */
export function foreignWeights(weight: Tensor, columnClasses: readonly number[]): Tensor {
  const [classes] = weight.shape;
  const own = ownClass(iota(classes), columnClasses);
  return sum(abs(mul(weight, sub(1, own))));
}
