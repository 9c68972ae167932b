/** The definition of ProtoPNet. */

import { z } from "zod";
import { MODEL_FLAWS } from "../fidelity.ts";
import { defineModel, learningRate } from "../model_definition.ts";
import { protoPNet, PROTOPNET_COEFS, PROTOPNET_FLAWS } from "../protopnet.ts";

/** ProtoPNet: positions of the feature map compared with prototypes (Chen et al. 2019). */
export const protoPNetDefinition = defineModel({
  name: "protopnet",
  about: "compares the positions of an image's feature map with the prototypes of every class",
  sees: "image",
  compared: { kind: "position_vectors", layers: ["add_on_layers.0", "add_on_layers.2"] },
  architecture: {
    prototypesPerClass: z.int().positive().default(10),
    /** The number of elements of a prototype. */
    depth: z.int().positive().default(128),
  },
  coefs: {
    crs_ent: z.number().default(PROTOPNET_COEFS.crs_ent),
    clst: z.number().default(PROTOPNET_COEFS.clst),
    sep: z.number().default(PROTOPNET_COEFS.sep),
    l1: z.number().default(PROTOPNET_COEFS.l1),
  },
  rates: {
    backbone: learningRate(4.7e-5),
    add_on_layers: learningRate(4.9e-5),
    prototype_vectors: learningRate(2.3e-3),
  },
  study: {
    batchSize: 64,
    accumulateBatches: 1,
    augmentation: [["geometric", "medium"], ["photometric", "medium"]],
    warmUpRate: 2.7e-5,
    fineTuneRate: 1e-4,
  },
  flaws: { warmup: PROTOPNET_FLAWS, joint: [], fine_tune: PROTOPNET_FLAWS },
  evaluated: "fine_tune",
  build: (config, { coefs, fidelity }) =>
    protoPNet(config, {
      coefs,
      fidelity: { ...MODEL_FLAWS.preset("reference", PROTOPNET_FLAWS), ...fidelity },
    }),
});
