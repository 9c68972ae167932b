/** The params that the kinds of all training phases share. */

import { z } from "zod";
import { optimiser } from "./optimiser_param.ts";

const stage = z.tuple([
  z.enum(["geometric", "protomask", "photometric", "pipnet", "noise", "continuity"]),
  z.enum(["small", "medium", "large"]),
]);

/** The params of a phase; where one is not given, the model's value in the study is used. */
export const phaseParams = {
  /** The seed of all random numbers: initial values, order of images, augmentation, noise. */
  seed: z.int().nonnegative(),
  /** Images per micro-batch. */
  batchSize: z.int().positive().optional(),
  /** Micro-batches per optimiser step. */
  accumulateBatches: z.int().positive().optional(),
  /** An epoch e, counted from 0 over all phases, is validated if e + 1 is a multiple of this. */
  validateEvery: z.int().positive().default(10),
  /** Epochs per segment; the state is cached after each segment. */
  segment: z.int().positive().default(10),
  /**
   * The augmentation pipelines, in order, each with the strength of its ranges. An empty array disables
   * augmentation.
   */
  augmentation: z.array(stage).optional(),
  /** The update rule; Adam without weight decay, if it is not given. */
  optimiser: optimiser.optional(),
};

/** Values of {@link phaseParams}, and the model's name and the numbers of its loss. */
export type PhaseParams = z.output<z.ZodObject<typeof phaseParams>> & {
  readonly model: { readonly name: string; readonly coefs: Readonly<Record<string, number>> };
};
