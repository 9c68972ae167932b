/** Stochastic gradient descent, with momentum. */

import { add, mul, sub } from "../../tensor/ops/arithmetic.ts";
import type { Optimiser, Update } from "./optimiser.ts";

export interface SgdOptions {
  readonly momentum?: number;
  /** Dampening: the fraction of the gradient that is not added to the momentum, except in the first step. */
  readonly dampening?: number;
  readonly nesterov?: boolean;
  readonly weightDecay?: number;
}

/**
 * PyTorch's SGD:
 *
 *     g += wd·p;  b = μb + (1−dampening)g, but b = g in the first step
 *     p −= lr·b, with Nesterov's momentum p −= lr·(g + μb)
 *
 * @throws {RangeError} if Nesterov's momentum is used without momentum or with dampening.
 */
export function sgd(
  { momentum = 0, dampening = 0, nesterov = false, weightDecay = 0 }: SgdOptions = {},
): Optimiser {
  if (nesterov && (momentum <= 0 || dampening !== 0)) {
    throw new RangeError(
      `Nesterov's momentum needs a momentum and no dampening, but ${momentum} and ${dampening} were given`,
    );
  }
  const isDampened = momentum !== 0 && dampening !== 0;
  return {
    state: momentum === 0 ? [] : ["momentum_buffer"],
    scalars: isDampened ? ["lr", "undampened"] : ["lr"],
    scalarValues: (lr, step) => isDampened ? [lr, step === 1 ? 1 : 1 - dampening] : [lr],
    update(parameter, gradient, { momentum_buffer }, { lr, undampened }): Update {
      const decayed = weightDecay === 0 ? gradient : add(gradient, mul(parameter, weightDecay));
      if (momentum === 0) return { parameter: sub(parameter, mul(decayed, lr)), state: {} };
      const share = isDampened ? mul(decayed, undampened) : decayed;
      const buffer = add(mul(momentum_buffer, momentum), share);
      const direction = nesterov ? add(decayed, mul(buffer, momentum)) : buffer;
      return { parameter: sub(parameter, mul(direction, lr)), state: { momentum_buffer: buffer } };
    },
  };
}
