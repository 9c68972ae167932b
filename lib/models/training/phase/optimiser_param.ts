/** The optimiser of a phase as a param. */

import { z } from "zod";
import { adam, adamW } from "../../../nn/optim/adam.ts";
import type { Optimiser } from "../../../nn/optim/optimiser.ts";
import { sgd } from "../../../nn/optim/sgd.ts";

const decayRate = z.number().min(0).lt(1);
const weightDecay = z.number().nonnegative();

/** Of Adam and AdamW. */
const moments = {
  /** Decay rates of the moving averages of the gradient and of its square. */
  betas: z.tuple([decayRate, decayRate]).default([0.9, 0.999]),
  eps: z.number().positive().default(1e-8),
  /** Whether to divide by the largest second moment so far. */
  amsgrad: z.boolean().default(false),
};

/**
 * The param `optimiser`: the update rule of all groups of a phase, with PyTorch's names and defaults, but for SGD's
 * momentum. The study's is Adam, the default.
 */
export const optimiser = z.discriminatedUnion("name", [
  /** `weightDecay` times the parameter is added to the gradient. */
  z.strictObject({ name: z.literal("adam"), ...moments, weightDecay: weightDecay.default(0) }),
  /** Parameters are multiplied by 1 − rate · `weightDecay`. */
  z.strictObject({ name: z.literal("adamw"), ...moments, weightDecay: weightDecay.default(0.01) }),
  /** `nesterov` needs a momentum, and no dampening. */
  z.strictObject({
    name: z.literal("sgd"),
    momentum: decayRate.default(0.9),
    /** The share of the gradient that is not added to the momentum. */
    dampening: z.number().min(0).max(1).default(0),
    nesterov: z.boolean().default(false),
    weightDecay: weightDecay.default(0),
  }).refine(({ nesterov, momentum, dampening }) => !nesterov || (momentum > 0 && dampening === 0), {
    message: "nesterov needs a momentum above 0, and no dampening",
  }),
]);

/** The optimiser that a value of the param names; Adam, if none is given. */
export function optimiserOf(given?: z.output<typeof optimiser>): Optimiser {
  switch (given?.name) {
    case undefined:
      return adam();
    case "adam":
      return adam(given);
    case "adamw":
      return adamW(given);
    case "sgd":
      return sgd(given);
  }
}
