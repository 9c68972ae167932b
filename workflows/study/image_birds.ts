/**
 * The models that see one view of each image, on drawn birds: small, with random initial weights. As for ProtoMask,
 * all parameters were chosen on birds drawn with another seed (`--set data.birds.seed=99`), and the test birds are
 * not used for any choice: the states after the last epochs are evaluated. Rows with and without crops (NC) use the
 * same parameters.
 */
import type { Chain } from "./chain.ts";
import type { ImageModel } from "./image_row.ts";

/** Three stages: a fourth would halve the feature map to 2 × 2 positions. */
const BACKBONE = { weights: "random", block: "basic", layers: [1, 1, 1], width: 16 } as const;
/** 160 images are few: small batches make enough steps of them. */
const PHASE = { batchSize: 8, segment: 20 } as const;
/**
 * The published weights of cluster and separation cost draw all positions of a backbone with random initial weights
 * to one point before it has learned to tell classes apart.
 */
const COEFS = { clst: 0.1, sep: 0.01 } as const;
const RATES = { backbone: 3e-3, add_on_layers: 3e-3, prototype_vectors: 3e-3 } as const;
const OPTIONS = { selectsOnTest: false, fidelity: "intended", evaluatedBatch: 16, cores: 1 } as const;

/** The chains by model. */
export const IMAGE_BIRDS: Readonly<Record<ImageModel, Chain>> = {
  pipnet: {
    ...OPTIONS,
    title: "PIP-Net",
    warmUp: {
      ...PHASE,
      epochs: 5,
      backbone: BACKBONE,
      learningRate: 5e-4,
      model: { name: "pipnet", coefs: { alignment_epochs: 5 } },
    },
    // Every step shrinks the weights of the last layer: after enough steps, some prototypes have lost theirs.
    joint: {
      ...PHASE,
      epochs: 60,
      schedule: { stepSize: 10 },
      model: { name: "pipnet", learningRates: { backbone: 2e-3, prototype_layers: 2e-3, last_layer: 0.02 } },
    },
  },
  protopnet: {
    ...OPTIONS,
    title: "ProtoPNet",
    warmUp: {
      ...PHASE,
      epochs: 0,
      backbone: BACKBONE,
      model: { name: "protopnet", prototypesPerClass: 5, depth: 64 },
    },
    joint: {
      ...PHASE,
      epochs: 60,
      schedule: { stepSize: 24 },
      model: { name: "protopnet", coefs: COEFS, learningRates: RATES },
    },
    project: { fidelity: "intended" },
    fineTune: { ...PHASE, epochs: 5, model: { name: "protopnet" }, learningRate: 1e-3 },
  },
  protopool: {
    ...OPTIONS,
    title: "ProtoPool",
    warmUp: {
      ...PHASE,
      epochs: 0,
      backbone: BACKBONE,
      model: { name: "protopool", prototypes: 24, slots: 5, depth: 64 },
    },
    joint: {
      ...PHASE,
      epochs: 60,
      schedule: { stepSize: 24 },
      model: { name: "protopool", coefs: { ...COEFS, decreasing_interval: 20 }, learningRates: RATES },
    },
    fineTune: { ...PHASE, epochs: 5, model: { name: "protopool" }, learningRate: 1e-3 },
  },
};
