/** ProtoMask as cases describe it. */

import { type FidelityOptions, fidelityPreset } from "../../../lib/models/fidelity.ts";
import { type ProtoMask, protoMask, PROTOMASK_FLAWS } from "../../../lib/models/protomask.ts";
import { backboneOf, type ModelBuilder, RESNET50 } from "./model_case.ts";

export const protomask: ModelBuilder<ProtoMask> = {
  build: (config, { coefs, fidelity }) =>
    protoMask({
      backbone: backboneOf(config),
      classes: config.num_classes,
      prototypesPerClass: config.prototypes_per_class,
      depth: config.depth,
    }, {
      coefs,
      fidelity: { ...fidelityPreset(PROTOMASK_FLAWS, "reference"), ...fidelity } as FidelityOptions<
        typeof PROTOMASK_FLAWS[number]
      >,
    }),
  fullSize: (classes) => protoMask({ backbone: RESNET50, classes, prototypesPerClass: 10, depth: 1280 }),
  lossFlaws: ["diversity_gradient"],
};
