/** The params that all phases of a training share, as kinds declare them. */

import { z } from "zod";
import { PROTOMASK_COEFS } from "../../protomask.ts";

const stage = z.tuple([
  z.enum(["geometric", "protomask", "photometric", "pipnet", "noise", "continuity"]),
  z.enum(["small", "medium", "large"]),
]);

/** Defaults are those of the study. */
export const phaseParams = {
  /** Of everything random: initial values, order of the images, augmentation. */
  seed: z.int().nonnegative(),
  /** Images of a micro-batch. */
  batchSize: z.int().positive().default(16),
  /** Micro-batches of an optimiser's step. */
  accumulateBatches: z.int().positive().default(4),
  /** An epoch e, counted from 0 over all phases, is validated where e + 1 is a multiple of this. */
  validateEvery: z.int().positive().default(10),
  /** Epochs after which the state is kept. */
  segment: z.int().positive().default(10),
  /** Pipelines and how wide their ranges are, one after the other; none leaves the views as they are. */
  augmentation: z.array(stage).default([["protomask", "medium"], ["photometric", "medium"]]),
  /** Weights of the loss's terms. */
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
