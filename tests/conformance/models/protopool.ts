/** ProtoPool as cases describe it. */

import { type ProtoPool, protoPool, PROTOPOOL_FLAWS } from "../../../lib/models/protopool.ts";
import { NOISE, SCALAR } from "../../../lib/models/prototypes/presence.ts";
import { asMaps } from "../../../lib/models/prototypes/feature_map.ts";
import { zerosOf } from "../../../lib/nn/parameters.ts";
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

const PROTOTYPES: Readonly<Record<string, number>> = { cub200: 205, dogs: 125, cars196: 201 };

export const protopool: ModelBuilder<ProtoPool> = {
  build: (config, { coefs, fidelity }) =>
    protoPool({
      backbone: backboneOf(config),
      classes: config.num_classes,
      prototypes: config.num_prototypes,
      slots: config.slots,
      depth: config.depth,
    }, { coefs, fidelity: chosen(PROTOPOOL_FLAWS, fidelity) }),
  fullSize: (dataset) =>
    protoPool({
      backbone: RESNET50,
      classes: classCount(dataset),
      prototypes: PROTOTYPES[dataset],
      slots: 10,
      depth: 128,
    }),
  flaws: ["evaluation_noise"],
  trainingFlaws: (params) => ({ frozen_statistics: frozenStatistics(params) }),
  forward(model, x, context, extra): Record<string, Tensor> {
    const { logits, minDistances, nearest, similarity, meanDistances, presence } = model.forward(
      x,
      context,
      extra,
    );
    const always = { logits, min_distances: minDistances, presence };
    if (context.training) return always;
    const { vectors, distances, height, width } = model.candidates(x, context);
    const explained = model.explain(x, context, extra);
    return {
      ...always,
      argmin: nearest,
      similarity,
      mean_distances: meanDistances,
      z: asMaps(vectors, height, width),
      distances: asMaps(distances, height, width),
      "explain.logits": explained.logits,
      "explain.maps": explained.maps,
      "explain.features": explained.features,
    };
  },
  extra(model, { scalar }, noise) {
    const { shape } = model.extraInputs.find(({ name }) => name === NOISE)!;
    return { [NOISE]: noise ?? zerosOf(shape), [SCALAR]: float32([], [scalar]) };
  },
};
