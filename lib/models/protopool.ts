/**
 * ProtoPool: classes share prototypes; the slots of a class select prototypes by a presence matrix (Rymarczyk
 * et al. 2022).
 */

import { classIdentity, uniform, xavierNormal } from "../nn/init.ts";
import { type LayerContext, stateTensor } from "../nn/layers/layer_context.ts";
import type { Phase } from "../nn/optim/phases.ts";
import { buffer, parameter, type TensorSpec } from "../nn/tensor_spec.ts";
import { GraphError, labelled, type Tensor } from "../tensor/op.ts";
import { div, sub } from "../tensor/ops/arithmetic.ts";
import { sum } from "../tensor/ops/broadcast.ts";
import { logSimilarity } from "../tensor/ops/distance.ts";
import { sigmoid } from "../tensor/ops/elementwise.ts";
import { scatterAdd, take } from "../tensor/ops/gather.ts";
import { gemm } from "../tensor/ops/gemm.ts";
import { cosineSimilarity } from "../tensor/ops/norm.ts";
import { min, topk } from "../tensor/ops/order.ts";
import { mean } from "../tensor/ops/reduce.ts";
import { reshape, transpose } from "../tensor/ops/shape.ts";
import { sliceAxis } from "../tensor/ops/slice.ts";
import { full, scalar, zeros } from "../tensor/ops/source.ts";
import { stopGradient } from "../tensor/ops/stop_gradient.ts";
import { type Backbone, backboneFeatures, prefixedSpecs } from "./backbone.ts";
import { type FidelityOptions, MODEL_FLAWS } from "./fidelity.ts";
import { classificationLoss, foreignWeights, nearestCost } from "./prototypes/cost_terms.ts";
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
import {
  FINAL_SCALAR,
  NOISE,
  PRESENCE,
  presenceInputs,
  presenceOf,
  presenceValues,
  SCALAR,
  type Temperature,
} from "./prototypes/presence.ts";
import type { ExtraInputs, PrototypeModel, SimilarityMaps } from "./prototypes/prototype_model.ts";
import { totalLoss } from "./prototypes/total_loss.ts";
import { addOnWeight, type PositionCandidates } from "./protopnet.ts";

export interface ProtoPoolConfig {
  readonly backbone: Backbone;
  readonly classes: number;
  /** The total number of prototypes. */
  readonly prototypes: number;
  /** The number of slots per class. */
  readonly slots: number;
  /** The number of elements D of a prototype; 128 in the study. */
  readonly depth: number;
}

/**
 * Weights of the loss terms: cross entropy, cluster, separation and orthogonality cost, and L1 of foreign
 * weights; and the temperature of the presence matrix.
 */
export interface ProtoPoolCoefs extends Temperature {
  readonly crs_ent: number;
  readonly clst: number;
  readonly sep: number;
  readonly orth: number;
  readonly l1: number;
}

/** The weights in the study. */
export const PROTOPOOL_COEFS: ProtoPoolCoefs = {
  crs_ent: 1,
  clst: 0.8,
  sep: 0.08,
  orth: 1,
  l1: 1e-3,
  tau_start: 1,
  tau_end: 1e-3,
  decreasing_interval: 50,
};

/** The flaws of the reference that affect the model itself. */
export const PROTOPOOL_FLAWS = ["frozen_statistics", "evaluation_noise"] as const;

export interface ProtoPoolOptions {
  readonly coefs?: ProtoPoolCoefs;
  readonly fidelity?: FidelityOptions<typeof PROTOPOOL_FLAWS[number]>;
}

export interface ProtoPoolPrediction {
  /** [N, classes] */
  readonly logits: Tensor;
  /** [N, P]: the squared distance of the nearest position, and its index (int64) */
  readonly minDistances: Tensor;
  readonly nearest: Tensor;
  /** [N, P]: the mean squared distance over all positions */
  readonly meanDistances: Tensor;
  /** [N, P]: the similarity of the nearest position minus the similarity of the mean distance */
  readonly similarity: Tensor;
  /** [classes, P, slots] */
  readonly presence: Tensor;
}

export interface ProtoPool extends PrototypeModel {
  candidates(x: Tensor, context: LayerContext): PositionCandidates;
  forward(x: Tensor, context: LayerContext, extra: ExtraInputs): ProtoPoolPrediction;
  explain(x: Tensor, context: LayerContext, extra: ExtraInputs): SimilarityMaps;
}

const ADD_ON = ["add_on_layers.0.weight", "add_on_layers.0.bias"];
/**
 * The model for images x [N, C, H, W]:
 *
 *     z = sigmoid(conv1×1(backbone(x))),  s = g(min over positions of d) − g(mean over positions of d)
 *     A = softmax over prototypes of scalar·Q + Gumbel noise,  logits = flatten(Σ_j s_j·A_j) · Wᵀ
 *
 * with g(d) = log((1 + d)/(d + 1e-14)). Warm-up and joint phase minimise CE + 0.8·cluster − 0.08·separation +
 * orthogonality. The fine-tune phase minimises CE + 1e-3·Σ|w| over the weights between slots and other
 * classes than their own.
 */
export function protoPool(config: ProtoPoolConfig, options: ProtoPoolOptions = {}): ProtoPool {
  const { backbone, classes, prototypes: count, slots, depth } = config;
  const { coefs = PROTOPOOL_COEFS, fidelity = MODEL_FLAWS.preset("reference", PROTOPOOL_FLAWS) } = options;
  const slotClasses = Array.from({ length: classes * slots }, (_, k) => Math.floor(k / slots));
  const convolution = [depth, backbone.channels, 1, 1];
  const presenceShape = [classes, count, slots];
  const specs: TensorSpec[] = [
    parameter(PRESENCE, presenceShape),
    parameter(PROTOTYPES, [count, depth, 1, 1]),
    ...prefixedSpecs(backbone),
    parameter(ADD_ON[0], convolution),
    parameter(ADD_ON[1], [depth]),
    parameter(LAST_LAYER, [classes, classes * slots]),
    buffer(CLASS_WEIGHTS, [classes]),
  ];
  const backboneParameters = backboneParameterNames(specs);
  const phases = headPhases({
    backboneParameters,
    joint: [PRESENCE, PROTOTYPES, ...ADD_ON, ...backboneParameters],
    headGroups: [
      group("add_on_layers", ADD_ON),
      group(PROTOTYPES, [PROTOTYPES]),
      { name: PRESENCE, rate: PROTOTYPES, parameters: [PRESENCE] },
    ],
    frozenStatistics: fidelity.frozen_statistics,
  });

  const candidates = (x: Tensor, context: LayerContext): PositionCandidates => {
    const features = backboneFeatures(backbone, x, context);
    return labelled("head", () => {
      const [images, , height, width] = features.shape;
      const [weight, bias] = ADD_ON.map((name) => stateTensor(context, name));
      const vectors = reshape(sigmoid(pointwise(positionRows(features), weight, bias)), [
        images,
        height * width,
        depth,
      ]);
      const distances = squaredDistances(vectors, stateTensor(context, PROTOTYPES));
      return { vectors, distances, height, width };
    });
  };

  const presence = (context: LayerContext, extra: ExtraInputs, scalar: Tensor) => {
    const silent = !context.training && fidelity.evaluation_noise === "intended";
    const noise = silent ? zeros(presenceShape) : extraInput(extra, NOISE);
    return presenceOf(stateTensor(context, PRESENCE), noise, scalar);
  };

  const forward = (x: Tensor, context: LayerContext, extra: ExtraInputs) => {
    const { distances } = candidates(x, context);
    return predictWith(distances, presence(context, extra, extraInput(extra, SCALAR)), context);
  };

  const explain = (x: Tensor, context: LayerContext, extra: ExtraInputs): SimilarityMaps => {
    const { vectors, distances, height, width } = candidates(x, context);
    return {
      logits: predictWith(distances, presence(context, extra, scalar(FINAL_SCALAR)), context).logits,
      maps: asMaps(logSimilarity(distances), height, width),
      features: asMaps(vectors, height, width),
    };
  };

  return {
    specs,
    classes,
    extraInputs: presenceInputs(presenceShape),
    extraValues: (place) => presenceValues(presenceShape, place, coefs),
    candidates,
    forward,
    explain,
    ...phases,

    initialState: (seed) =>
      initialHead(specs, backbone, seed, {
        [PRESENCE]: xavierNormal(presenceShape),
        [PROTOTYPES]: uniform(0, 1),
        [ADD_ON[0]]: addOnWeight(convolution),
        [ADD_ON[1]]: 0,
        [LAST_LAYER]: classIdentity(classes, slotClasses),
      }),

    loss({ x, labels, extra }, phase, context) {
      const prediction = forward(x, context, extra);
      return labelled("loss", () => {
        const terms = lossTerms(prediction, labels, slotClasses, config, context);
        return { terms: totalLoss(terms, lossWeights(phase, coefs)), logits: prediction.logits };
      });
    },
  };
}

/**
 * The prediction from the distances [N, H·W, P] of all positions and the presence matrix [classes, P, slots].
 */
function predictWith(distances: Tensor, presence: Tensor, context: LayerContext): ProtoPoolPrediction {
  const { values: minDistances, indices: nearest } = min(distances, 1);
  const meanDistances = mean(distances, { axes: [1] });
  const similarity = sub(logSimilarity(minDistances), logSimilarity(meanDistances));
  // The sum over prototypes for every class and slot is one matrix product.
  const [classes, count, slots] = presence.shape;
  const bySlot = reshape(transpose(presence, [1, 0, 2]), [count, classes * slots]);
  const logits = gemm(gemm(similarity, bySlot), stateTensor(context, LAST_LAYER), { transposeB: true });
  return { logits, minDistances, nearest, meanDistances, similarity, presence };
}

/** All loss terms; each phase uses some of them. */
function lossTerms(
  prediction: ProtoPoolPrediction,
  labels: Tensor,
  slotClasses: readonly number[],
  { prototypes: count, slots, depth }: ProtoPoolConfig,
  context: LayerContext,
): Record<string, Tensor> {
  const { minDistances, presence } = prediction;
  const own = stopGradient(take(presence, 0, labels));
  return {
    classification_loss: classificationLoss(prediction, labels, context),
    cluster_cost: nearestCost(minDistances, mostPresent(own, slots), depth),
    separation_cost: nearestCost(minDistances, mostPresent(sub(1, own), count - slots), depth),
    orthogonal_loss: orthogonality(stateTensor(context, PRESENCE)),
    l1: foreignWeights(stateTensor(context, LAST_LAYER), slotClasses),
  };
}

function lossWeights(phase: Phase, coefs: ProtoPoolCoefs): Record<string, number> {
  if (phase === "fine_tune") return { classification_loss: coefs.crs_ent, l1: coefs.l1 };
  return {
    classification_loss: coefs.crs_ent,
    cluster_cost: coefs.clst,
    separation_cost: -coefs.sep,
    orthogonal_loss: coefs.orth,
  };
}

/**
 * A mask [N, P] of the k prototypes whose values [N, P, slots] have the largest sum over slots (the first of
 * several equal).
 */
function mostPresent(shares: Tensor, k: number): Tensor {
  const total = sum(shares, { axes: [2] });
  const { indices } = topk(total, k, 1);
  return scatterAdd(zeros(total.shape), 1, indices, full(indices.shape, 1));
}

/** The mean over classes and slots of the cosine between the logits of a slot and those of the next slot. */
function orthogonality(logits: Tensor): Tensor {
  const [classes, , slots] = logits.shape;
  const [these, next] = [sliceAxis(logits, 2, 0, slots - 1), sliceAxis(logits, 2, 1, slots)];
  return div(sum(cosineSimilarity(these, next, { axis: 1 })), slots * classes);
}

function extraInput(extra: ExtraInputs, name: string): Tensor {
  const tensor = extra.get(name);
  if (!tensor) {
    throw new GraphError(
      `ProtoPool needs the extra input "${name}", but only ${
        [...extra.keys()].join(", ") || "none"
      } was given`,
    );
  }
  return tensor;
}
