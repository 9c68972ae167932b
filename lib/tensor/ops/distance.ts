/** Squared distances between the windows of a map and kernels, and their conversion to similarities. */

import type { Tensor } from "../op.ts";
import { add, div, log, mul, sub } from "./arithmetic.ts";
import { sum } from "./broadcast.ts";
import { conv2d } from "./conv.ts";
import { relu, square } from "./elementwise.ts";
import { reshape } from "./shape.ts";
import { full } from "./source.ts";

/**
 * ‖window − kernel‖² for every window of x [B, D, H, W] and every kernel [P, D, kh, kw]: [B, P, H', W'].
 * Computed as relu((Σx² − 2Σxp) + Σp²), in this order (Chen et al. 2019, arXiv:1806.10574).
 */
export function squaredDistance2d(x: Tensor, kernels: Tensor): Tensor {
  const [count, depth, height, width] = kernels.shape;
  const windows = conv2d(square(x), full([1, depth, height, width], 1));
  const products = conv2d(x, kernels);
  const lengths = reshape(sum(square(kernels), { axes: [1, 2, 3] }), [count, 1, 1]);
  return relu(add(sub(windows, mul(products, 2)), lengths));
}

/** The similarity ln((1 + d) / (d + 1e-14)), which falls as the squared distance d grows. */
export function logSimilarity(distance: Tensor): Tensor {
  return log(div(add(distance, 1), add(distance, 1e-14)));
}
