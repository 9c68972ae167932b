/** A small model, which `new model` writes: positions of the feature map compared with prototypes of their class. */

import { z } from "zod";
import { type BuiltFor, defineModel, learningRate } from "./model_definition.ts";
import { backboneFeatures, prefixedSpecs } from "./backbone.ts";
import { classificationLoss, nearestCost, ownClass } from "./prototypes/cost_terms.ts";
import { squaredDistances } from "./prototypes/distances.ts";
import { asMaps, pointwise, positionRows } from "./prototypes/feature_map.ts";
import {
  backboneParameterNames,
  CLASS_WEIGHTS,
  group,
  initialHead,
  LAST_LAYER,
  PROTOTYPES,
} from "./prototypes/head.ts";
import { headPhases } from "./prototypes/head_phases.ts";
import { predictNearest } from "./prototypes/nearest.ts";
import type { ProjectableModel } from "./prototypes/prototype_model.ts";
import { totalLoss } from "./prototypes/total_loss.ts";
import { classIdentity, defaultBias, defaultWeight, uniform } from "../nn/init.ts";
import { type LayerContext, stateTensor } from "../nn/layers/layer_context.ts";
import { buffer, parameter } from "../nn/tensor_spec.ts";
import type { Tensor } from "../tensor/op.ts";
import { logSimilarity } from "../tensor/ops/distance.ts";
import { sigmoid } from "../tensor/ops/elementwise.ts";
import { reshape } from "../tensor/ops/shape.ts";

interface Sizes {
  readonly prototypesPerClass: number;
  readonly depth: number;
}

const LAYER = "add_on_layers.0";

function smallModel(
  { backbone, classes, prototypesPerClass, depth }: BuiltFor & Sizes,
  { coefs: { clst } = { clst: 0.5 } }: { readonly coefs?: { readonly clst: number } },
): ProjectableModel {
  const count = classes * prototypesPerClass;
  const prototypeClasses = Array.from({ length: count }, (_, j) => Math.floor(j / prototypesPerClass));
  const convolution = [depth, backbone.channels, 1, 1];
  const layer = [`${LAYER}.weight`, `${LAYER}.bias`];
  const specs = [
    parameter(PROTOTYPES, [count, depth, 1, 1]),
    ...prefixedSpecs(backbone),
    parameter(layer[0], convolution),
    parameter(layer[1], [depth]),
    parameter(LAST_LAYER, [classes, count]),
    buffer(CLASS_WEIGHTS, [classes]),
  ];
  const backboneParameters = backboneParameterNames(specs);
  const candidates = (x: Tensor, context: LayerContext) => {
    const features = backboneFeatures(backbone, x, context);
    const [images, , height, width] = features.shape;
    const [weight, bias] = layer.map((name) => stateTensor(context, name));
    const rows = sigmoid(pointwise(positionRows(features), weight, bias));
    const vectors = reshape(rows, [images, height * width, depth]);
    return { vectors, distances: squaredDistances(vectors, stateTensor(context, PROTOTYPES)), height, width };
  };
  const predict = (distances: Tensor, context: LayerContext) =>
    predictNearest(distances, stateTensor(context, LAST_LAYER));
  return {
    specs,
    classes,
    prototypeClasses,
    extraInputs: [],
    extraValues: () => ({}),
    candidates,
    ...headPhases({
      backboneParameters,
      joint: [PROTOTYPES, ...backboneParameters, ...layer],
      headGroups: [{ ...group("head", [PROTOTYPES, ...layer]) }],
      frozenStatistics: "intended",
    }),
    initialState: (seed) =>
      initialHead(specs, backbone, seed, {
        [PROTOTYPES]: uniform(0, 1),
        [layer[0]]: defaultWeight(convolution),
        [layer[1]]: defaultBias(convolution),
        [LAST_LAYER]: classIdentity(classes, prototypeClasses),
      }),
    explain(x, context) {
      const { vectors, distances, height, width } = candidates(x, context);
      return {
        logits: predict(distances, context).logits,
        maps: asMaps(logSimilarity(distances), height, width),
        features: asMaps(vectors, height, width),
      };
    },
    loss({ x, labels }, phase, context) {
      const prediction = predict(candidates(x, context).distances, context);
      const classification_loss = classificationLoss(prediction, labels, context);
      const cluster_cost = nearestCost(prediction.minDistances, ownClass(labels, prototypeClasses), depth);
      const weights = { classification_loss: 1, ...(phase !== "fine_tune" && { cluster_cost: clst }) };
      return { terms: totalLoss({ classification_loss, cluster_cost }, weights), logits: prediction.logits };
    },
  };
}

/** What params name, and how it is built and trained. */
export default defineModel({
  name: "small",
  about: "compares positions with prototypes, and draws them to the nearest one of their class",
  sees: "image",
  compared: { kind: "position_vectors", layers: [LAYER] },
  architecture: {
    prototypesPerClass: z.int().positive().default(2),
    depth: z.int().positive().default(8),
  },
  coefs: { clst: z.number().default(0.5) },
  rates: { backbone: learningRate(1e-3), head: learningRate(3e-3) },
  study: {
    batchSize: 4,
    accumulateBatches: 1,
    augmentation: [["geometric", "medium"]],
    warmUpRate: 1e-3,
    fineTuneRate: 1e-3,
  },
  flaws: { warmup: [], joint: [], fine_tune: [] },
  evaluated: "fine_tune",
  build: smallModel,
});
