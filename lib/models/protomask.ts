/**
 * ProtoMask: each view of an image gives one vector, which is compared with the prototypes of every class.
 * The similarity of a prototype is that of its nearest view.
 */

import { classIdentity, defaultBias, defaultWeight, uniform } from "../nn/init.ts";
import { type LayerContext, stateTensor } from "../nn/layers/layer_context.ts";
import { buffer, parameter, type TensorSpec } from "../nn/tensor_spec.ts";
import { GraphError, labelled, type Tensor } from "../tensor/op.ts";
import { sub } from "../tensor/ops/arithmetic.ts";
import { logSimilarity } from "../tensor/ops/distance.ts";
import { sigmoid } from "../tensor/ops/elementwise.ts";
import { mean } from "../tensor/ops/reduce.ts";
import { reshape, transpose } from "../tensor/ops/shape.ts";
import { stopGradient } from "../tensor/ops/stop_gradient.ts";
import { type Backbone, backboneFeatures, prefixedSpecs } from "./backbone.ts";
import { type FidelityOptions, MODEL_FLAWS } from "./fidelity.ts";
import {
  classificationLoss,
  diversityCost,
  foreignWeights,
  nearestCost,
  ownClass,
} from "./prototypes/cost_terms.ts";
import { squaredDistances } from "./prototypes/distances.ts";
import { pointwise } from "./prototypes/feature_map.ts";
import {
  backboneParameterNames,
  CLASS_WEIGHTS,
  group,
  initialHead,
  LAST_LAYER,
  PROTOTYPES,
} from "./prototypes/head.ts";
import { headPhases } from "./prototypes/head_phases.ts";
import { type Prediction, predictNearest } from "./prototypes/nearest.ts";
import type { ProjectableModel, SimilarityMaps } from "./prototypes/prototype_model.ts";
import { type ClassPrototypes, prototypeClassesOf } from "./prototypes/prototype_classes.ts";
import { totalLoss } from "./prototypes/total_loss.ts";

export interface ProtoMaskConfig extends ClassPrototypes {
  readonly backbone: Backbone;
  /** The number of elements D of a prototype; 1280 in the study. */
  readonly depth: number;
}

/**
 * Weights of the loss terms: cross entropy, cluster, separation and diversity cost, and L1 of foreign
 * weights.
 */
export interface ProtoMaskCoefs {
  readonly crs_ent: number;
  readonly clst: number;
  readonly sep: number;
  readonly div: number;
  readonly l1: number;
}

/** The weights in the study. */
export const PROTOMASK_COEFS: ProtoMaskCoefs = { crs_ent: 1, clst: 0.8, sep: 0.2, div: 0.2, l1: 1e-3 };

/** The flaws of the reference that affect the model itself. */
export const PROTOMASK_FLAWS = ["diversity_gradient", "add_on_training", "frozen_statistics"] as const;

export interface ProtoMaskOptions {
  readonly coefs?: ProtoMaskCoefs;
  readonly fidelity?: FidelityOptions<typeof PROTOMASK_FLAWS[number]>;
}

/** ProtoMask as tensor functions; created by {@link protoMask}. */
export interface ProtoMask extends ProjectableModel {
  forward(x: Tensor, context: LayerContext): Prediction;
  explain(x: Tensor, context: LayerContext): SimilarityMaps;
}

const ADD_ON = ["add_on_layers.0.weight", "add_on_layers.0.bias"];

/**
 * The model for views x [N, V, C, H, W]:
 *
 *     z = sigmoid(conv1×1(mean over positions of backbone(x)))       a vector of D elements per view
 *     m_j = min over views of ‖z − p_j‖²,  logits = log((1 + m)/(m + 1e-14)) · Wᵀ
 *
 * Warm-up and joint phase minimise CE + 0.8·cluster − 0.2·separation + 0.2·diversity. The fine-tune phase
 * minimises CE + 1e-3·Σ|w| over the weights between prototypes and other classes than their own.
 */
export function protoMask(config: ProtoMaskConfig, options: ProtoMaskOptions = {}): ProtoMask {
  const { backbone, classes, depth } = config;
  const { coefs = PROTOMASK_COEFS, fidelity = MODEL_FLAWS.preset("reference", PROTOMASK_FLAWS) } = options;
  const prototypeClasses = prototypeClassesOf(config);
  const count = prototypeClasses.length;
  const convolution = [depth, backbone.channels, 1, 1];
  const specs: TensorSpec[] = [
    parameter(PROTOTYPES, [count, depth, 1, 1]),
    ...prefixedSpecs(backbone),
    parameter(ADD_ON[0], convolution),
    parameter(ADD_ON[1], [depth]),
    parameter(LAST_LAYER, [classes, count]),
    buffer(CLASS_WEIGHTS, [classes]),
  ];
  const backboneParameters = backboneParameterNames(specs);
  const phases = headPhases({
    backboneParameters,
    joint: [PROTOTYPES, ...backboneParameters, ...ADD_ON],
    headGroups: [
      group(PROTOTYPES, [PROTOTYPES]),
      ...(fidelity.add_on_training === "intended" ? [group("add_on_layers", ADD_ON)] : []),
    ],
    frozenStatistics: fidelity.frozen_statistics,
  });

  /** Vectors [N, V, D] of the views and their squared distances [N, V, P] to the prototypes. */
  const candidates = (x: Tensor, context: LayerContext) => {
    if (x.shape.length !== 5) {
      throw new GraphError(`ProtoMask needs views [N, V, C, H, W], but [${x.shape}] was given`);
    }
    const [images, views, ...image] = x.shape;
    const features = backboneFeatures(backbone, reshape(x, [images * views, ...image]), context);
    return labelled("head", () => {
      // The mean over positions comes first: the convolution is linear, so the result is the same at lower
      // cost.
      const pooled = mean(features, { axes: [2, 3] });
      const projected = pointwise(pooled, stateTensor(context, ADD_ON[0]), stateTensor(context, ADD_ON[1]));
      const vectors = reshape(sigmoid(projected), [images, views, depth]);
      return { vectors, distances: squaredDistances(vectors, stateTensor(context, PROTOTYPES)) };
    });
  };

  const forward = (x: Tensor, context: LayerContext) =>
    predictNearest(candidates(x, context).distances, stateTensor(context, LAST_LAYER));

  return {
    specs,
    classes,
    prototypeClasses,
    extraInputs: [],
    extraValues: () => ({}),
    candidates,
    forward,
    ...phases,

    initialState: (seed) =>
      initialHead(specs, backbone, seed, {
        [PROTOTYPES]: uniform(0, 1),
        [ADD_ON[0]]: defaultWeight(convolution),
        [ADD_ON[1]]: defaultBias(convolution),
        [LAST_LAYER]: classIdentity(classes, prototypeClasses),
      }),

    loss({ x, labels }, phase, context) {
      const prediction = forward(x, context);
      const terms = phase === "fine_tune" ? fineTuneTerms : trainingTerms;
      return labelled("loss", () => ({
        terms: terms({ prediction, labels, context, prototypeClasses, config, coefs, fidelity }),
        logits: prediction.logits,
      }));
    },

    explain(x, context) {
      const { vectors, distances } = candidates(x, context);
      const [images, views] = x.shape;
      return {
        logits: predictNearest(distances, stateTensor(context, LAST_LAYER)).logits,
        maps: reshape(transpose(logSimilarity(distances), [0, 2, 1]), [images, count, views, 1]),
        features: transpose(vectors, [0, 2, 1]),
      };
    },
  };
}

/** The inputs of a batch's loss. */
interface LossParts {
  readonly prediction: Prediction;
  /** int64 [N] */
  readonly labels: Tensor;
  readonly context: LayerContext;
  /** The class of every prototype. */
  readonly prototypeClasses: readonly number[];
  readonly config: ProtoMaskConfig;
  readonly coefs: ProtoMaskCoefs;
  readonly fidelity: FidelityOptions<typeof PROTOMASK_FLAWS[number]>;
}

/** The loss terms of the warm-up and the joint phase, and their total. */
function trainingTerms(
  { prediction, labels, context, prototypeClasses, config, coefs, fidelity }: LossParts,
): Record<string, Tensor> {
  if (config.keptPrototypes) {
    throw new GraphError(
      "the diversity of a pruned ProtoMask is not defined, since its classes differ in their number of prototypes: " +
        "only fine-tune it",
    );
  }
  const { minDistances } = prediction;
  const classification_loss = classificationLoss(prediction, labels, context);
  const own = ownClass(labels, prototypeClasses);
  const diversity = diversityCost(stateTensor(context, PROTOTYPES), labels, config.prototypesPerClass);
  const terms = {
    classification_loss,
    cluster_cost: nearestCost(minDistances, own, config.depth),
    separation_cost: nearestCost(minDistances, sub(1, own), config.depth),
    div_loss: fidelity.diversity_gradient === "intended" ? diversity : stopGradient(diversity),
  };
  return totalLoss(terms, {
    classification_loss: coefs.crs_ent,
    cluster_cost: coefs.clst,
    separation_cost: -coefs.sep,
    div_loss: coefs.div,
  });
}

/** The loss terms of the fine-tune phase, and their total. */
function fineTuneTerms(
  { prediction, labels, context, prototypeClasses, coefs }: LossParts,
): Record<string, Tensor> {
  const classification_loss = classificationLoss(prediction, labels, context);
  const l1 = foreignWeights(stateTensor(context, LAST_LAYER), prototypeClasses);
  return totalLoss({ classification_loss, l1 }, { classification_loss: coefs.crs_ent, l1: coefs.l1 });
}
