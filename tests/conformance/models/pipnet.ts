/** PIP-Net as cases describe it. */

import { ALIGN_WEIGHT, type PipNet, pipNet, PIPNET_FLAWS } from "../../../lib/models/pipnet.ts";
import { float32 } from "../../../lib/tensor/host_tensor.ts";
import {
  backboneOf,
  chosen,
  classCount,
  frozenStatistics,
  type ModelBuilder,
  RESNET50,
} from "./model_case.ts";
import type { Tensor } from "../../../lib/tensor/op.ts";

export const pipnet: ModelBuilder<PipNet> = {
  build: (config, { coefs, fidelity }) =>
    pipNet({ backbone: backboneOf(config), classes: config.num_classes }, {
      coefs,
      fidelity: chosen(PIPNET_FLAWS, fidelity),
    }),
  fullSize: (dataset) => pipNet({ backbone: RESNET50, classes: classCount(dataset) }),
  flaws: ["exponent_training"],
  trainingFlaws: (params) => ({
    exponent_training: params.fidelity,
    frozen_statistics: frozenStatistics(params),
  }),
  forward(model, x, context): Record<string, Tensor> {
    const { logits, scores, nearest, maps } = model.forward(x, context);
    return { logits, scores, maps, argmax: nearest };
  },
  extra: (_, { epoch, warmup_epochs }) => ({ [ALIGN_WEIGHT]: float32([], [(epoch + 1) / warmup_epochs]) }),
};
