/** The definition of PIP-Net. */

import { z } from "zod";
import { MODEL_FLAWS } from "../fidelity.ts";
import { defineModel, learningRate } from "../model_definition.ts";
import { pipNet, PIPNET_COEFS, PIPNET_FLAWS } from "../pipnet.ts";

/** PIP-Net: channels as prototypes, trained on pairs of augmented images (Nauta et al. 2023). */
export const pipNetDefinition = defineModel({
  name: "pipnet",
  about: "takes the channels of an image's feature map as prototypes",
  sees: "pair",
  compared: { kind: "channels" },
  architecture: {},
  coefs: {
    align: z.number().default(PIPNET_COEFS.align),
    tanh: z.number().default(PIPNET_COEFS.tanh),
    uniform: z.number().default(PIPNET_COEFS.uniform),
    classification: z.number().default(PIPNET_COEFS.classification),
    /**
     * The number of epochs in which the weight of the alignment grows to 1 in the warm-up: the length of the whole
     * warm-up in the study. The number of epochs of a phase is no part of its states' keys, but this is.
     */
    alignment_epochs: z.int().positive().default(PIPNET_COEFS.alignment_epochs),
  },
  rates: {
    /** The rate of the backbone without its last block. */
    backbone: learningRate(3e-5),
    /** The rate of the backbone's last block. */
    prototype_layers: learningRate(2e-4),
    last_layer: learningRate(0.05),
  },
  study: {
    batchSize: 64,
    accumulateBatches: 1,
    augmentation: [["geometric", "medium"], ["pipnet", "large"]],
    warmUpRate: 1e-5,
    fineTuneRate: 0.01,
  },
  flaws: { warmup: PIPNET_FLAWS, joint: ["exponent_training"], fine_tune: PIPNET_FLAWS },
  evaluated: "joint",
  build: (config, { coefs, fidelity }) =>
    pipNet(config, { coefs, fidelity: { ...MODEL_FLAWS.preset("reference", PIPNET_FLAWS), ...fidelity } }),
});
