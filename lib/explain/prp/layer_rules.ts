/**
 * The rules by which layer-wise relevance propagation (Bach et al. 2015) maps the relevance R of a layer's
 * output to the relevance of the layer's input. For a layer Z = g(X), with small terms that keep the quotient
 * finite,
 *
 *     S = R / (Z + eps0·[Z = 0] + eps·sign Z),   R_in = X ⊙ gᵀ(S)
 *
 * A rule is built from the layer's activations for V views, and then applied to the relevance of S sweeps.
 */

import type { Tensor } from "../../tensor/op.ts";
import { add, div, equal, mul, neg, sub, where } from "../../tensor/ops/arithmetic.ts";
import { relu, sign } from "../../tensor/ops/elementwise.ts";
import { mean } from "../../tensor/ops/reduce.ts";
import { full } from "../../tensor/ops/source.ts";
import { gradients } from "../../tensor/grad.ts";
import { adjoint } from "./adjoint.ts";
import type { Sweeps } from "./sweeps.ts";

/** Maps the relevance of a layer's output, [S, …], to the relevance of its input. */
export type RelevanceRule = (relevance: Tensor) => Tensor;

/** A convolution without bias in any layout; it is bilinear in x and weight. */
export type Convolve = (x: Tensor, weight: Tensor) => Tensor;

/** eps0 of the α1β0 rule, which has no eps. */
const ALPHA_BETA_EPS0 = 1e-12;
/** eps0 and eps of all other rules. */
const EPS = 1e-6;

/** z + eps0·[z = 0] + eps·sign z, with eps0 = eps. */
function stabilised(z: Tensor): Tensor {
  return where(equal(z, 0), EPS, add(z, mul(sign(z), EPS)));
}

/** The shape of a tensor with one input per sweep. */
function rowsLike(x: Tensor, sweeps: Sweeps): number[] {
  return x.shape.with(0, sweeps.count);
}

/** min(x, 0) */
function negativePart(x: Tensor): Tensor {
  return neg(relu(neg(x)));
}

export interface Alpha1Beta0Options {
  /** Whether x has no negative elements, as after a ReLU; this halves the work. */
  nonNegative?: boolean;
}

/**
 * α1β0: positive contributions only, without bias, g(X) = W⁺ * max(X, 0) + W⁻ * min(X, 0). The relevance of a
 * position with Z = 0 is lost.
 */
export function alpha1Beta0(
  x: Tensor,
  weight: Tensor,
  convolve: Convolve,
  sweeps: Sweeps,
  { nonNegative = false }: Alpha1Beta0Options = {},
): RelevanceRule {
  const parts = [{ x: nonNegative ? x : relu(x), weight: relu(weight) }];
  if (!nonNegative) parts.push({ x: negativePart(x), weight: negativePart(weight) });
  const z = parts.map((part) => convolve(part.x, part.weight)).reduce((a, b) => add(a, b));
  const divisor = sweeps.alongside(where(equal(z, 0), ALPHA_BETA_EPS0, z));
  return (relevance) => {
    const quotient = div(relevance, divisor);
    const shares = parts.map((part) => {
      const back = adjoint((input) => convolve(input, part.weight), rowsLike(x, sweeps), quotient);
      return mul(sweeps.alongside(part.x), back);
    });
    return shares.reduce((a, b) => add(a, b));
  };
}

/** The least and the greatest value that an input can have, over all channels. */
export interface InputBounds {
  readonly lowest: number;
  readonly highest: number;
}

/**
 * z^B for a first layer (Montavon et al. 2017). Its input is bounded by l and h; L and H are images with
 * these constant values:
 *
 *     Z = W * X − W⁺ * L − W⁻ * H,   R_in = X ⊙ Wᵀ(S) − L ⊙ W⁺ᵀ(S) − H ⊙ W⁻ᵀ(S)
 */
export function zB(
  x: Tensor,
  weight: Tensor,
  convolve: Convolve,
  { lowest, highest }: InputBounds,
  sweeps: Sweeps,
): RelevanceRule {
  // l·W⁺ + h·W⁻ combines the terms of both constant images.
  const atBounds = add(mul(relu(weight), lowest), mul(negativePart(weight), highest));
  const ones = full(x.shape.with(0, 1), 1);
  const z = sub(convolve(x, weight), convolve(ones, atBounds));
  const divisor = sweeps.alongside(stabilised(z));
  return (relevance) => {
    const quotient = div(relevance, divisor);
    const back = (kernel: Tensor) =>
      adjoint((input) => convolve(input, kernel), rowsLike(x, sweeps), quotient);
    return sub(mul(sweeps.alongside(x), back(weight)), back(atBounds));
  };
}

/**
 * The ε rule for a + b. The relevance of a and b is not bounded: if a ≈ −b, both are large and of opposite
 * sign.
 */
export function residualSum(
  a: Tensor,
  b: Tensor,
  sweeps: Sweeps,
): (relevance: Tensor) => readonly [a: Tensor, b: Tensor] {
  const divisor = sweeps.alongside(stabilised(add(a, b)));
  return (relevance) => {
    const quotient = div(relevance, divisor);
    return [mul(sweeps.alongside(a), quotient), mul(sweeps.alongside(b), quotient)];
  };
}

/** The ε rule for the mean over `axes`, which the result keeps with length 1. */
export function averagePool(x: Tensor, axes: readonly number[], sweeps: Sweeps): RelevanceRule {
  const count = axes.reduce((product, axis) => product * x.shape[axis], 1);
  const divisor = sweeps.alongside(stabilised(mean(x, { axes, keepdim: true })));
  const share = sweeps.alongside(mul(x, 1 / count));
  return (relevance) => mul(share, div(relevance, divisor));
}

/**
 * Winner takes all: the relevance of a window goes to its largest element (the first of several equal, in
 * row-major order).
 */
export function maxPool(x: Tensor, pool: (x: Tensor) => Tensor, sweeps: Sweeps): RelevanceRule {
  const rows = sweeps.rows(x);
  return (relevance) => gradients([{ output: pool(rows), cotangent: relevance }], [rows])[0];
}
