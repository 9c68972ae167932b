/** ProtoPNet: every position of the feature map is compared with the prototypes of every class (Chen et al. 2019). */

import { classIdentity, type Distribution, kaimingNormal, uniform } from "../nn/init.ts";
import { type LayerContext, stateTensor } from "../nn/layers/layer_context.ts";
import type { Phase } from "../nn/optim/phases.ts";
import { buffer, parameter, type TensorSpec } from "../nn/tensor_spec.ts";
import { labelled, type Tensor } from "../tensor/op.ts";
import { sub } from "../tensor/ops/arithmetic.ts";
import { logSimilarity } from "../tensor/ops/distance.ts";
import { relu, sigmoid } from "../tensor/ops/elementwise.ts";
import { gemm } from "../tensor/ops/gemm.ts";
import { max } from "../tensor/ops/order.ts";
import { reshape } from "../tensor/ops/shape.ts";
import { type Backbone, backboneFeatures, prefixedSpecs } from "./backbone.ts";
import { type FidelityOptions, MODEL_FLAWS } from "./fidelity.ts";
import { classificationLoss, foreignWeights, nearestCost, ownClass } from "./prototypes/cost_terms.ts";
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
import { type Prediction, predictNearest } from "./prototypes/nearest.ts";
import type { Candidates, ProjectableModel, SimilarityMaps } from "./prototypes/prototype_model.ts";
import { type ClassPrototypes, prototypeClassesOf } from "./prototypes/prototype_classes.ts";
import { totalLoss } from "./prototypes/total_loss.ts";

export interface ProtoPNetConfig extends ClassPrototypes {
  readonly backbone: Backbone;
  /** The number of elements D of a prototype; 128 in the study. */
  readonly depth: number;
}

/** Weights of the loss terms: cross entropy, cluster and separation cost, and L1 of foreign weights. */
export interface ProtoPNetCoefs {
  readonly crs_ent: number;
  readonly clst: number;
  readonly sep: number;
  readonly l1: number;
}

/** The weights in the study. */
export const PROTOPNET_COEFS: ProtoPNetCoefs = { crs_ent: 1, clst: 0.8, sep: 0.08, l1: 1e-3 };

/** The flaws of the reference that affect the model itself. */
export const PROTOPNET_FLAWS = ["frozen_statistics"] as const;

export interface ProtoPNetOptions {
  readonly coefs?: ProtoPNetCoefs;
  readonly fidelity?: FidelityOptions<typeof PROTOPNET_FLAWS[number]>;
}

/** Candidates that are the positions of a map, and the size of the map. */
export interface PositionCandidates extends Candidates {
  readonly height: number;
  readonly width: number;
}

export interface ProtoPNet extends ProjectableModel {
  candidates(x: Tensor, context: LayerContext): PositionCandidates;
  forward(x: Tensor, context: LayerContext): Prediction;
  explain(x: Tensor, context: LayerContext): SimilarityMaps;
}

const ADD_ON = [
  "add_on_layers.0.weight",
  "add_on_layers.0.bias",
  "add_on_layers.2.weight",
  "add_on_layers.2.bias",
];

/**
 * The initial distribution of the add-on layers' weights of ProtoPNet and ProtoPool: Kaiming normal (fan out,
 * ReLU).
 */
export function addOnWeight(shape: readonly number[]): Distribution {
  return kaimingNormal(shape, { mode: "fan_out", nonlinearity: "relu" });
}

/**
 * The model for images x [N, C, H, W]:
 *
 *     z = sigmoid(conv1×1(relu(conv1×1(backbone(x)))))       a vector of D elements per position
 *     m_j = min over positions of ‖z − p_j‖²,  logits = log((1 + m)/(m + 1e-14)) · Wᵀ
 *
 * Warm-up and joint phase minimise CE + 0.8·cluster − 0.08·separation. The fine-tune phase minimises CE +
 * 1e-3·Σ|w| over the weights between prototypes and other classes than their own.
 */
export function protoPNet(config: ProtoPNetConfig, options: ProtoPNetOptions = {}): ProtoPNet {
  const { backbone, classes, depth } = config;
  const { coefs = PROTOPNET_COEFS, fidelity = MODEL_FLAWS.preset("reference", PROTOPNET_FLAWS) } = options;
  const prototypeClasses = prototypeClassesOf(config);
  const count = prototypeClasses.length;
  const convolutions = [[depth, backbone.channels, 1, 1], [depth, depth, 1, 1]];
  const specs: TensorSpec[] = [
    parameter(PROTOTYPES, [count, depth, 1, 1]),
    ...prefixedSpecs(backbone),
    parameter(ADD_ON[0], convolutions[0]),
    parameter(ADD_ON[1], [depth]),
    parameter(ADD_ON[2], convolutions[1]),
    parameter(ADD_ON[3], [depth]),
    parameter(LAST_LAYER, [classes, count]),
    buffer(CLASS_WEIGHTS, [classes]),
  ];
  const backboneParameters = backboneParameterNames(specs);
  const phases = headPhases({
    backboneParameters,
    joint: [PROTOTYPES, ...backboneParameters, ...ADD_ON],
    headGroups: [group("add_on_layers", ADD_ON), group(PROTOTYPES, [PROTOTYPES])],
    frozenStatistics: fidelity.frozen_statistics,
  });

  const candidates = (x: Tensor, context: LayerContext): PositionCandidates => {
    const features = backboneFeatures(backbone, x, context);
    return labelled("head", () => {
      const [images, , height, width] = features.shape;
      const [weight, bias, weight2, bias2] = ADD_ON.map((name) => stateTensor(context, name));
      const hidden = relu(pointwise(positionRows(features), weight, bias));
      const vectors = reshape(sigmoid(pointwise(hidden, weight2, bias2)), [images, height * width, depth]);
      const distances = squaredDistances(vectors, stateTensor(context, PROTOTYPES));
      return { vectors, distances, height, width };
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
        [PROTOTYPES]: uniform(0.4, 1),
        [ADD_ON[0]]: addOnWeight(convolutions[0]),
        [ADD_ON[1]]: 0,
        [ADD_ON[2]]: addOnWeight(convolutions[1]),
        [ADD_ON[3]]: 0,
        [LAST_LAYER]: classIdentity(classes, prototypeClasses),
      }),

    loss({ x, labels }, phase, context) {
      const prediction = forward(x, context);
      return labelled("loss", () => {
        const terms = lossTerms(prediction, labels, prototypeClasses, depth, context);
        return { terms: totalLoss(terms, lossWeights(phase, coefs)), logits: prediction.logits };
      });
    },

    explain(x, context) {
      const { vectors, distances, height, width } = candidates(x, context);
      const similarities = logSimilarity(distances);
      const largest = max(similarities, 1).values;
      return {
        logits: gemm(largest, stateTensor(context, LAST_LAYER), { transposeB: true }),
        maps: asMaps(similarities, height, width),
        features: asMaps(vectors, height, width),
      };
    },
  };
}

/** All loss terms; each phase uses some of them. */
function lossTerms(
  prediction: Prediction,
  labels: Tensor,
  prototypeClasses: readonly number[],
  depth: number,
  context: LayerContext,
): Record<string, Tensor> {
  const { minDistances } = prediction;
  const own = ownClass(labels, prototypeClasses);
  return {
    classification_loss: classificationLoss(prediction, labels, context),
    cluster_cost: nearestCost(minDistances, own, depth),
    separation_cost: nearestCost(minDistances, sub(1, own), depth),
    l1: foreignWeights(stateTensor(context, LAST_LAYER), prototypeClasses),
  };
}

function lossWeights(phase: Phase, coefs: ProtoPNetCoefs): Record<string, number> {
  if (phase === "fine_tune") return { classification_loss: coefs.crs_ent, l1: coefs.l1 };
  return { classification_loss: coefs.crs_ent, cluster_cost: coefs.clst, separation_cost: -coefs.sep };
}
