/** ProtoPNet as cases describe it. */

import { type ProtoPNet, protoPNet, PROTOPNET_FLAWS } from "../../../lib/models/protopnet.ts";
import { asMaps } from "../../../lib/models/prototypes/feature_map.ts";
import {
  backboneOf,
  chosen,
  classCount,
  frozenStatistics,
  type ModelBuilder,
  RESNET50,
} from "./model_case.ts";
import type { Tensor } from "../../../lib/tensor/op.ts";

export const protopnet: ModelBuilder<ProtoPNet> = {
  build: (config, { coefs, fidelity }) =>
    protoPNet({
      backbone: backboneOf(config),
      classes: config.num_classes,
      prototypesPerClass: config.prototypes_per_class,
      depth: config.depth,
    }, { coefs, fidelity: chosen(PROTOPNET_FLAWS, fidelity) }),
  fullSize: (dataset) =>
    protoPNet({ backbone: RESNET50, classes: classCount(dataset), prototypesPerClass: 10, depth: 128 }),
  flaws: [],
  trainingFlaws: (params) => ({ frozen_statistics: frozenStatistics(params) }),
  forward(model, x, context): Record<string, Tensor> {
    const { logits, minDistances, nearest, similarity } = model.forward(x, context);
    const explained = model.explain(x, context);
    const always = { logits, min_distances: minDistances, similarity_maps: explained.maps };
    if (context.training) return always;
    const { vectors, distances, height, width } = model.candidates(x, context);
    return {
      ...always,
      argmin: nearest,
      similarity,
      z: asMaps(vectors, height, width),
      distances: asMaps(distances, height, width),
      "explain.logits": explained.logits,
      "explain.maps": explained.maps,
      "explain.features": explained.features,
    };
  },
  extra: () => ({}),
};
