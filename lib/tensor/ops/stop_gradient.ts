/** Values whose gradient differs from the derivative of their computation. */

import { checked, composite, Mismatch, type Tensor } from "../op.ts";

/** x, which gradients treat as a constant. */
export function stopGradient(x: Tensor): Tensor {
  return composite("stop_gradient", [x], () => [x], undefined)[0];
}

/** The values of `hard` with the gradient of `soft`, of the same shape (the straight-through estimator). */
export function straightThrough(hard: Tensor, soft: Tensor): Tensor {
  return checked("straight_through", [hard, soft], {}, () => {
    if (hard.shape.join() !== soft.shape.join()) throw new Mismatch("both must have the same shape");
    return composite("straight_through", [soft], () => [hard], ({ cotangents }) => cotangents)[0];
  });
}
