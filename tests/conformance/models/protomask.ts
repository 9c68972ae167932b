/** ProtoMask as cases describe it. */

import { type ProtoMask, protoMask, PROTOMASK_FLAWS } from "../../../lib/models/protomask.ts";
import { reshape } from "../../../lib/tensor/ops/shape.ts";
import {
  backboneOf,
  chosen,
  classCount,
  frozenStatistics,
  type ModelBuilder,
  RESNET50,
} from "./model_case.ts";
import type { Tensor } from "../../../lib/tensor/op.ts";

export const protomask: ModelBuilder<ProtoMask> = {
  build: (config, { coefs, fidelity }) =>
    protoMask({
      backbone: backboneOf(config),
      classes: config.num_classes,
      prototypesPerClass: config.prototypes_per_class,
      depth: config.depth,
    }, { coefs, fidelity: chosen(PROTOMASK_FLAWS, fidelity) }),
  fullSize: (dataset) =>
    protoMask({ backbone: RESNET50, classes: classCount(dataset), prototypesPerClass: 10, depth: 1280 }),
  flaws: ["diversity_gradient"],
  trainingFlaws: (params) => ({
    diversity_gradient: params.fidelity,
    add_on_training: params.add_on_lr > 0 ? "intended" : "reference",
    frozen_statistics: frozenStatistics(params),
  }),
  forward(model, x, context): Record<string, Tensor> {
    const { logits, minDistances, nearest, similarity } = model.forward(x, context);
    if (context.training) return { logits, min_distances: minDistances };
    const { vectors, distances } = model.candidates(x, context);
    const explained = model.explain(x, context);
    return {
      logits,
      min_distances: minDistances,
      argmin: nearest,
      similarity,
      z: reshape(vectors, [...vectors.shape, 1, 1]),
      distances,
      "explain.logits": explained.logits,
      "explain.maps": explained.maps,
      "explain.features": explained.features,
    };
  },
  extra: () => ({}),
};
