/** Squared distances between the candidate vectors of images and prototypes. */

import type { Tensor } from "../../tensor/op.ts";
import { add, mul, sub } from "../../tensor/ops/arithmetic.ts";
import { expand, sum } from "../../tensor/ops/broadcast.ts";
import { relu, square } from "../../tensor/ops/elementwise.ts";
import { gemm } from "../../tensor/ops/gemm.ts";
import { reshape } from "../../tensor/ops/shape.ts";

/**
 * ‖x − prototype‖² for all candidates x [N, K, D] and every prototype [P, D, 1, 1]: [N, K, P]. Computed as
 * relu((Σx² − 2Σxp) + Σp²), in this order, like a convolution with 1×1 kernels (Chen et al. 2019,
 * arXiv:1806.10574).
 */
export function squaredDistances(x: Tensor, prototypes: Tensor): Tensor {
  const [images, candidates, depth] = x.shape;
  const vectors = prototypeRows(prototypes);
  const count = vectors.shape[0];
  const rows = reshape(x, [images * candidates, depth]);
  const products = reshape(gemm(rows, vectors, { transposeB: true }), [images, candidates, count]);
  const ownLengths = sum(square(x), { axes: [2], keepdim: true });
  // Expanded per image, so that gradients are summed over candidates first: a single long sum would lose
  // precision.
  const lengths = expand(sum(square(vectors), { axes: [1] }), [images, 1, count]);
  return relu(add(sub(ownLengths, mul(products, 2)), lengths));
}

/** Prototypes [P, D, 1, 1] as rows [P, D]. */
export function prototypeRows(prototypes: Tensor): Tensor {
  return reshape(prototypes, prototypes.shape.slice(0, 2));
}
