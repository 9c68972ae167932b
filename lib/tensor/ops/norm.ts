/** Lengths of vectors and the angles between them. */

import { composite, type Tensor } from "../op.ts";
import { div, equal, mul, where } from "./arithmetic.ts";
import { type ReduceOptions, sum } from "./broadcast.ts";
import { abs, clamp, sqrt, square } from "./elementwise.ts";
import { squeeze } from "./shape.ts";

/** (Σ |x|^p)^(1/p) over axes, p 1 or 2; the gradient is 0 for a zero vector (p = 2) and at zero entries (p = 1). */
export function norm(x: Tensor, p: 1 | 2, { axes = null, keepdim = false }: ReduceOptions = {}): Tensor {
  if (p === 1) return sum(abs(x), { axes, keepdim });
  const length = sqrt(sum(square(x), { axes, keepdim: true }));
  const vjp = ({ cotangents: [dy] }: { cotangents: readonly (Tensor | undefined)[] }) => [
    mul(x, where(equal(length, 0), 0, div(dy!, length))),
  ];
  const [kept] = composite("norm", [x], () => [length], vjp);
  return keepdim ? kept : squeeze(kept, axes ?? [...x.shape.keys()]);
}

/** x / max(‖x‖, eps) along an axis; if the length is below eps, gradients treat the divisor as a constant. */
export function normalize(
  x: Tensor,
  { p = 2, axis, eps = 1e-12 }: { p?: 1 | 2; axis: number; eps?: number },
): Tensor {
  return div(x, clamp(norm(x, p, { axes: [axis], keepdim: true }), { min: eps }));
}

/** a·b / (max(‖a‖, eps)·max(‖b‖, eps)) along an axis, broadcast. */
export function cosineSimilarity(
  a: Tensor,
  b: Tensor,
  { axis, eps = 1e-8 }: { axis: number; eps?: number },
): Tensor {
  return sum(mul(normalize(a, { axis, eps }), normalize(b, { axis, eps })), { axes: [axis] });
}
