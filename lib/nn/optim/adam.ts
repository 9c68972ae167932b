/** Adam and AdamW. */

import type { Tensor } from "../../tensor/op.ts";
import { add, div, maximum, mul, sub } from "../../tensor/ops/arithmetic.ts";
import { sqrt, square } from "../../tensor/ops/elementwise.ts";
import type { Optimiser } from "./optimiser.ts";

export interface AdamOptions {
  /** Decay rates of the moving averages of the first and second moments. */
  readonly betas?: readonly [number, number];
  readonly eps?: number;
  readonly weightDecay?: number;
  /** Whether to divide by the largest second moment so far (Reddi et al. 2018). */
  readonly amsgrad?: boolean;
}

/**
 * Adam (Kingma and Ba 2015), with weight decay as part of the gradient:
 *
 *     g += wd·p;  m = β₁m + (1−β₁)g;  v = β₂v + (1−β₂)g²
 *     p −= lr · (m / (1−β₁ᵗ)) / (√v / √(1−β₂ᵗ) + eps)
 *
 * @param options PyTorch's defaults: betas 0.9 and 0.999, eps 1e-8, no weight decay
 */
export function adam(options: AdamOptions = {}): Optimiser {
  const { weightDecay = 0 } = options;
  const moments = momentsOf(options);
  return {
    state: moments.state,
    scalars: ["step_size", "eps"],
    scalarValues: (lr, step) => moments.corrections(lr, step),
    update(parameter, gradient, state, { step_size, eps }) {
      const decayed = weightDecay === 0 ? gradient : add(gradient, mul(parameter, weightDecay));
      return moments.step(parameter, decayed, state, step_size, eps);
    },
  };
}

/**
 * AdamW (Loshchilov and Hutter 2019): `p *= 1 − lr·wd` before the step of Adam, with no decay in the gradient.
 *
 * @param options PyTorch's defaults: those of {@link adam}, except a weight decay of 0.01
 */
export function adamW(options: AdamOptions = {}): Optimiser {
  const { weightDecay = 0.01 } = options;
  const moments = momentsOf(options);
  return {
    state: moments.state,
    scalars: ["step_size", "eps", "shrink"],
    scalarValues: (lr, step) => [...moments.corrections(lr, step), 1 - lr * weightDecay],
    update(parameter, gradient, state, { step_size, eps, shrink }) {
      const shrunk = weightDecay === 0 ? parameter : mul(parameter, shrink);
      return moments.step(shrunk, gradient, state, step_size, eps);
    },
  };
}

/** The moments and the step, shared by Adam and AdamW. */
function momentsOf({ betas: [beta1, beta2] = [0.9, 0.999], eps = 1e-8, amsgrad = false }: AdamOptions) {
  return {
    state: amsgrad ? ["exp_avg", "exp_avg_sq", "max_exp_avg_sq"] : ["exp_avg", "exp_avg_sq"],

    /**
     * Step size and eps that include the corrections c₁ = 1−β₁ᵗ and c₂ = √(1−β₂ᵗ), which saves a pass over
     * the parameters: lr · m/c₁ / (√v/c₂ + eps) = (lr·c₂/c₁) · m / (√v + eps·c₂). In float32, 1 − 0.999 alone
     * would lose four digits.
     */
    corrections(lr: number, step: number): [number, number] {
      const second = Math.sqrt(1 - beta2 ** step);
      return [lr * second / (1 - beta1 ** step), eps * second];
    },

    step(
      parameter: Tensor,
      gradient: Tensor,
      { exp_avg, exp_avg_sq, max_exp_avg_sq }: Readonly<Record<string, Tensor>>,
      stepSize: Tensor,
      epsilon: Tensor,
    ) {
      const first = add(mul(exp_avg, beta1), mul(gradient, 1 - beta1));
      const second = add(mul(exp_avg_sq, beta2), mul(square(gradient), 1 - beta2));
      // The maximum is taken of the uncorrected moments.
      const largest = amsgrad ? maximum(max_exp_avg_sq, second) : second;
      const denominator = add(sqrt(largest), epsilon);
      const state: Record<string, Tensor> = { exp_avg: first, exp_avg_sq: second };
      if (amsgrad) state.max_exp_avg_sq = largest;
      return { parameter: sub(parameter, mul(div(first, denominator), stepSize)), state };
    },
  };
}
