/** The adjoint of a linear map of tensors. */

import { gradients } from "../../tensor/grad.ts";
import type { Tensor } from "../../tensor/op.ts";
import { zeros } from "../../tensor/ops/source.ts";

/**
 * gᵀ(s), the adjoint of `g` applied to s: Σ g(x)·s = Σ x·gᵀ(s) for every x of shape `shape`. `g` must be
 * linear, so its derivative does not depend on x.
 */
export function adjoint(g: (x: Tensor) => Tensor, shape: readonly number[], s: Tensor): Tensor {
  const x = zeros(shape);
  return gradients([{ output: g(x), cotangent: s }], [x])[0];
}
