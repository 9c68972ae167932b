/** The params that the kinds of all training phases share. */

import { z } from "zod";
import { PROTOMASK_COEFS } from "../../protomask.ts";

const stage = z.tuple([
  z.enum(["geometric", "protomask", "photometric", "pipnet", "noise", "continuity"]),
  z.enum(["small", "medium", "large"]),
]);

/** The params of a phase; the defaults are those of the study. */
export const phaseParams = {
  /** The seed of all random numbers: initial values, order of images, augmentation. */
  seed: z.int().nonnegative(),
  /** Images per micro-batch. */
  batchSize: z.int().positive().default(16),
  /** Micro-batches per optimiser step. */
  accumulateBatches: z.int().positive().default(4),
  /** An epoch e, counted from 0 over all phases, is validated if e + 1 is a multiple of this. */
  validateEvery: z.int().positive().default(10),
  /** Epochs per segment; the state is cached after each segment. */
  segment: z.int().positive().default(10),
  /**
   * The augmentation pipelines, in order, each with the strength of its ranges. An empty array disables
   * augmentation.
   */
  augmentation: z.array(stage).default([["protomask", "medium"], ["photometric", "medium"]]),
  /** Weights of the loss terms. */
  coefs: z.strictObject({
    crs_ent: z.number().default(PROTOMASK_COEFS.crs_ent),
    clst: z.number().default(PROTOMASK_COEFS.clst),
    sep: z.number().default(PROTOMASK_COEFS.sep),
    div: z.number().default(PROTOMASK_COEFS.div),
    l1: z.number().default(PROTOMASK_COEFS.l1),
  }).prefault({}),
};

/** Values of {@link phaseParams}. */
export type PhaseParams = z.output<z.ZodObject<typeof phaseParams>>;

/** A learning rate. */
export function learningRate(study: number) {
  return z.number().positive().default(study);
}
