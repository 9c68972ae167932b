/** The definition of ProtoMask. */

import { z } from "zod";
import { MODEL_FLAWS } from "../fidelity.ts";
import { defineModel, learningRate } from "../model_definition.ts";
import { protoMask, PROTOMASK_COEFS, PROTOMASK_FLAWS } from "../protomask.ts";

/** ProtoMask: the views of masks compared with prototypes. */
export const protoMaskDefinition = defineModel({
  name: "protomask",
  about: "compares the views through an image's masks with the prototypes of every class",
  sees: "views",
  compared: { kind: "mean_vector", layer: "add_on_layers.0" },
  architecture: {
    prototypesPerClass: z.int().positive().default(10),
    /** The number of elements of a prototype. */
    depth: z.int().positive().default(1280),
  },
  coefs: {
    crs_ent: z.number().default(PROTOMASK_COEFS.crs_ent),
    clst: z.number().default(PROTOMASK_COEFS.clst),
    sep: z.number().default(PROTOMASK_COEFS.sep),
    div: z.number().default(PROTOMASK_COEFS.div),
    l1: z.number().default(PROTOMASK_COEFS.l1),
  },
  rates: {
    backbone: learningRate(6e-5),
    prototype_vectors: learningRate(3e-3),
    /** The rate of the 1×1 convolution; used only if `fidelity` trains this layer. */
    add_on_layers: learningRate(6e-5),
  },
  study: {
    batchSize: 16,
    accumulateBatches: 4,
    augmentation: [["protomask", "medium"], ["photometric", "medium"]],
    warmUpRate: 1e-3,
    fineTuneRate: 3e-4,
  },
  flaws: {
    warmup: PROTOMASK_FLAWS,
    joint: ["diversity_gradient", "add_on_training"],
    fine_tune: ["frozen_statistics"],
  },
  evaluated: "fine_tune",
  build: (config, { coefs, fidelity }) =>
    protoMask(config, {
      coefs,
      fidelity: { ...MODEL_FLAWS.preset("reference", PROTOMASK_FLAWS), ...fidelity },
    }),
});
