/** The adjoint of a linear map of tensors. */

import { gradients } from "../../tensor/grad.ts";
import type { Tensor } from "../../tensor/op.ts";
import { zeros } from "../../tensor/ops/source.ts";

/**
 * gᵀ(s): the tensor of `shape` by which every x of that shape gives Σ g(x)·s = Σ x·gᵀ(s). `g` must be linear, so that it is
 * not computed at any x.
 */
export function adjoint(g: (x: Tensor) => Tensor, shape: readonly number[], s: Tensor): Tensor {
  const x = zeros(shape);
  return gradients([{ output: g(x), cotangent: s }], [x])[0];
}
