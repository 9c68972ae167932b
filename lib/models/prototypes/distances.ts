/** Squared distances between rows and prototypes. */

import type { Tensor } from "../../tensor/op.ts";
import { add, mul, sub } from "../../tensor/ops/arithmetic.ts";
import { sum } from "../../tensor/ops/broadcast.ts";
import { relu, square } from "../../tensor/ops/elementwise.ts";
import { gemm } from "../../tensor/ops/gemm.ts";
import { reshape } from "../../tensor/ops/shape.ts";

/**
 * ‖row − prototype‖² for every row of x [N, D] and every prototype [P, D, 1, 1]: [N, P]. Computed as
 * relu((Σx² − 2Σxp) + Σp²) in this order, as a convolution with 1×1 kernels has it (Chen et al. 2019,
 * arXiv:1806.10574).
 */
export function squaredDistances(x: Tensor, prototypes: Tensor): Tensor {
  const vectors = prototypeRows(prototypes);
  const products = gemm(x, vectors, { transposeB: true });
  const rowLengths = sum(square(x), { axes: [1], keepdim: true });
  const lengths = sum(square(vectors), { axes: [1] });
  return relu(add(sub(rowLengths, mul(products, 2)), lengths));
}

/** Prototypes [P, D, 1, 1] as rows [P, D]. */
export function prototypeRows(prototypes: Tensor): Tensor {
  return reshape(prototypes, prototypes.shape.slice(0, 2));
}
