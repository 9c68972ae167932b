/** The definition of ProtoPool. */

import { z } from "zod";
import { MODEL_FLAWS } from "../fidelity.ts";
import { defineModel, learningRate } from "../model_definition.ts";
import { protoPool, PROTOPOOL_COEFS, PROTOPOOL_FLAWS } from "../protopool.ts";

/** ProtoPool: positions of the feature map compared with shared prototypes (Rymarczyk et al. 2022). */
export const protoPoolDefinition = defineModel({
  name: "protopool",
  about: "compares the positions of an image's feature map with prototypes that classes share",
  sees: "image",
  compared: { kind: "position_vectors", layers: ["add_on_layers.0"] },
  architecture: {
    /** The total number of prototypes; more than `slots`. */
    prototypes: z.int().positive().default(205),
    /** The number of prototypes that a class selects. */
    slots: z.int().positive().default(10),
    /** The number of elements of a prototype. */
    depth: z.int().positive().default(128),
  },
  coefs: {
    crs_ent: z.number().default(PROTOPOOL_COEFS.crs_ent),
    clst: z.number().default(PROTOPOOL_COEFS.clst),
    sep: z.number().default(PROTOPOOL_COEFS.sep),
    orth: z.number().default(PROTOPOOL_COEFS.orth),
    l1: z.number().default(PROTOPOOL_COEFS.l1),
    /** The temperature of the selection falls from `tau_start` to `tau_end` within about this many epochs. */
    decreasing_interval: z.int().positive().default(PROTOPOOL_COEFS.decreasing_interval),
    tau_start: z.number().positive().default(PROTOPOOL_COEFS.tau_start),
    tau_end: z.number().positive().default(PROTOPOOL_COEFS.tau_end),
  },
  rates: {
    backbone: learningRate(7.9e-5),
    add_on_layers: learningRate(1.3e-4),
    /** The rate of the prototypes and of their selection by classes. */
    prototype_vectors: learningRate(9e-4),
  },
  study: {
    batchSize: 64,
    accumulateBatches: 1,
    augmentation: [["geometric", "medium"], ["photometric", "medium"]],
    warmUpRate: 2e-3,
    fineTuneRate: 5e-4,
  },
  flaws: { warmup: PROTOPOOL_FLAWS, joint: ["evaluation_noise"], fine_tune: PROTOPOOL_FLAWS },
  evaluated: "fine_tune",
  build: (config, { coefs, fidelity }) =>
    protoPool(config, {
      coefs,
      fidelity: { ...MODEL_FLAWS.preset("reference", PROTOPOOL_FLAWS), ...fidelity },
    }),
});
