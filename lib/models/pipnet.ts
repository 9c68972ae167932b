/**
 * PIP-Net: the channels of the feature map are the prototypes, and each position shows one of them (Nauta et
 * al. 2023).
 */

import { normal } from "../nn/init.ts";
import { type LayerContext, stateTensor } from "../nn/layers/layer_context.ts";
import type { Phase } from "../nn/optim/phases.ts";
import { buffer, parameter, type TensorSpec } from "../nn/tensor_spec.ts";
import { float32, int64 } from "../tensor/host_tensor.ts";
import { GraphError, labelled, type Tensor } from "../tensor/op.ts";
import { add, div, log, maximum, mul, neg, pow, sub } from "../tensor/ops/arithmetic.ts";
import { sum } from "../tensor/ops/broadcast.ts";
import { rowsOf, toChannelsFirst, toChannelsLast } from "../tensor/ops/channels_last.ts";
import { exp, log1p, relu, square, tanh } from "../tensor/ops/elementwise.ts";
import { take } from "../tensor/ops/gather.ts";
import { gemm } from "../tensor/ops/gemm.ts";
import { normalize } from "../tensor/ops/norm.ts";
import { max } from "../tensor/ops/order.ts";
import { mean } from "../tensor/ops/reduce.ts";
import { reshape } from "../tensor/ops/shape.ts";
import { sliceAxis } from "../tensor/ops/slice.ts";
import { softmax } from "../tensor/ops/softmax.ts";
import { constant } from "../tensor/ops/source.ts";
import { stopGradient } from "../tensor/ops/stop_gradient.ts";
import { type Backbone, backboneFeatures, prefixedSpecs } from "./backbone.ts";
import { type FidelityOptions, MODEL_FLAWS } from "./fidelity.ts";
import { classificationLoss } from "./prototypes/cost_terms.ts";
import { backboneParameterNames, CLASS_WEIGHTS, group, initialHead, LAST_LAYER } from "./prototypes/head.ts";
import type { ExtraInputs, PrototypeModel } from "./prototypes/prototype_model.ts";
import { totalLoss } from "./prototypes/total_loss.ts";
import { BACKBONE_PREFIX } from "./resnet_state.ts";

export interface PipNetConfig {
  readonly backbone: Backbone;
  readonly classes: number;
}

/** Weights of the loss terms; a uniformity term with weight 0 is not computed. */
export interface PipNetCoefs {
  readonly align: number;
  readonly tanh: number;
  readonly uniform: number;
  readonly classification: number;
  /** The number of epochs in which the weight of the alignment term in the warm-up grows to 1. */
  readonly alignment_epochs: number;
}

/** The weights in the study. */
export const PIPNET_COEFS: PipNetCoefs = {
  align: 5,
  tanh: 2,
  uniform: 0,
  classification: 2,
  alignment_epochs: 10,
};

/** The flaws of the reference that affect the model itself. */
export const PIPNET_FLAWS = ["frozen_statistics", "exponent_training"] as const;

export interface PipNetOptions {
  readonly coefs?: PipNetCoefs;
  readonly fidelity?: FidelityOptions<typeof PIPNET_FLAWS[number]>;
}

export interface PipNetPrediction {
  /** [N, classes], non-negative */
  readonly logits: Tensor;
  /** [N, P]: the maximum of each prototype's map, and its position, row·W + column (int64) */
  readonly scores: Tensor;
  readonly nearest: Tensor;
  /** [N, P, H, W]: the softmax over prototypes at every position */
  readonly maps: Tensor;
  /** [N, H, W, P]: the maps with the prototypes last */
  readonly positions: Tensor;
}

export interface PipNet extends PrototypeModel {
  forward(x: Tensor, context: LayerContext): PipNetPrediction;
}

/** The exponent ν of the logits in the loss, [1]. */
const EXPONENT = "last_layer.normalization_multiplier";
/** The extra input with the weight of the alignment term in the warm-up: (epoch + 1) / `alignment_epochs`. */
export const ALIGN_WEIGHT = "align_weight";
/** The weight of the tanh term in the warm-up, which ignores its coefficient. */
const WARM_UP_TANH = 5;
/** The amount that each step subtracts from every weight of the last layer. */
const SHRINKAGE = 1e-3;

/**
 * The model for images x [N, C, H, W]. In training, the first and the second half of the batch are augmented
 * views of the same images.
 *
 *     q = softmax over channels of backbone(x),  s = max over positions of q,  logits = s · relu(W)ᵀ
 *
 * The warm-up minimises align_weight·align + 5·tanh, the joint phase 5·align + 2·tanh + 2·CE(ln(1 +
 * logits^ν)), the fine-tune phase 2·CE.
 */
export function pipNet(config: PipNetConfig, options: PipNetOptions = {}): PipNet {
  const { backbone, classes } = config;
  const { coefs = PIPNET_COEFS, fidelity = MODEL_FLAWS.preset("reference", PIPNET_FLAWS) } = options;
  const trainsExponent = fidelity.exponent_training === "reference";
  const specs: TensorSpec[] = [
    ...prefixedSpecs(backbone),
    parameter(LAST_LAYER, [classes, backbone.channels]),
    parameter(EXPONENT, [1]),
    buffer(CLASS_WEIGHTS, [classes]),
  ];
  const backboneParameters = backboneParameterNames(specs);
  const lastBlock = backboneParameters.filter((name) =>
    name.startsWith(`${BACKBONE_PREFIX}${backbone.lastBlock}.`)
  );
  const others = backboneParameters.filter((name) => !lastBlock.includes(name));
  const lastLayer = trainsExponent ? [LAST_LAYER, EXPONENT] : [LAST_LAYER];

  const forward = (x: Tensor, context: LayerContext) =>
    predictFrom(backboneFeatures(backbone, x, context), context);

  return {
    specs,
    classes,
    extraInputs: [buffer(ALIGN_WEIGHT, [])],
    extraValues: ({ epoch }) => ({ [ALIGN_WEIGHT]: float32([], [(epoch + 1) / coefs.alignment_epochs]) }),
    forward,
    explain(x, context) {
      const { logits, maps } = forward(x, context);
      return { logits, maps, features: maps };
    },

    initialState: (seed) =>
      initialHead(specs, backbone, seed, { [LAST_LAYER]: normal(1, 0.1), [EXPONENT]: 2 }),

    gradients(phase) {
      if (phase === "fine_tune") return lastLayer;
      return phase === "joint" ? [...backboneParameters, ...lastLayer] : backboneParameters;
    },

    // The reference's freezing of the last layer in the warm-up has no effect, because the loss does not
    // depend on this layer.
    trainable(phase) {
      if (phase === "fine_tune") return lastLayer;
      return phase === "joint" || trainsExponent ? [...backboneParameters, ...lastLayer] : backboneParameters;
    },

    groups(phase) {
      const head = group("last_layer", [LAST_LAYER, EXPONENT]);
      if (phase === "fine_tune") return [head];
      const groups = [group("backbone", others), group("prototype_layers", lastBlock)];
      return phase === "joint" ? [...groups, head] : groups;
    },

    movesStatistics: (phase) => phase !== "fine_tune" || fidelity.frozen_statistics === "reference",

    loss({ x, labels, extra }, phase, context) {
      const prediction = forward(x, context);
      return labelled("loss", () => {
        const terms = unlabelledTerms(prediction, coefs);
        return {
          terms: phase === "warmup" ? warmUpLoss(terms, coefs, extra) : labelledLoss(
            { ...terms, classification_loss: amplifiedLoss(prediction, labels, context) },
            phase,
            coefs,
          ),
          logits: prediction.logits,
        };
      });
    },

    constrain: (phase, parameters) => phase === "warmup" ? new Map() : constrainLastLayer(parameters),
  };
}

/** The prediction from the features [N, P, H, W] of the backbone. */
function predictFrom(features: Tensor, context: LayerContext): PipNetPrediction {
  // The softmax is fastest along the last axis.
  const positions = softmax(toChannelsLast(features), 3);
  const [images, height, width, prototypes] = positions.shape;
  const flat = reshape(positions, [images, height * width, prototypes]);
  const { values: scores, indices: nearest } = max(flat, 1);
  const logits = gemm(scores, relu(stateTensor(context, LAST_LAYER)), { transposeB: true });
  return { logits, scores, nearest, positions, maps: toChannelsFirst(positions) };
}

/** The loss terms without labels, which compare the two halves of the batch. */
function unlabelledTerms(
  { scores, positions }: PipNetPrediction,
  coefs: PipNetCoefs,
): Record<string, Tensor> {
  const [first, second] = halves(positions).map(rowsOf);
  const parts = halves(scores);
  return {
    align_loss: alignment(first, second),
    tanh_loss: presence(parts),
    ...(coefs.uniform > 0 && { uniform_loss: mean2(parts.map(uniformity)) }),
  };
}

/** The cross entropy of ln(1 + logits^ν). */
function amplifiedLoss({ logits }: PipNetPrediction, labels: Tensor, context: LayerContext): Tensor {
  return classificationLoss({ logits: log1p(pow(logits, stateTensor(context, EXPONENT))) }, labels, context);
}

/** The terms of the warm-up and their total. The weight of the alignment term is a program input. */
function warmUpLoss(
  terms: Readonly<Record<string, Tensor>>,
  coefs: PipNetCoefs,
  extra: ExtraInputs,
): Record<string, Tensor> {
  const total = totalLoss(terms, warmUpWeights(coefs));
  return { ...total, loss: add(mul(terms.align_loss, alignWeight(extra)), total.loss) };
}

/** The terms of the joint or the fine-tune phase and their total. */
function labelledLoss(
  terms: Readonly<Record<string, Tensor>>,
  phase: Phase,
  coefs: PipNetCoefs,
): Record<string, Tensor> {
  if (phase === "fine_tune") return totalLoss(terms, { classification_loss: coefs.classification });
  return totalLoss(terms, {
    ...warmUpWeights(coefs),
    align_loss: coefs.align,
    tanh_loss: coefs.tanh,
    classification_loss: coefs.classification,
  });
}

function warmUpWeights({ uniform }: PipNetCoefs): Record<string, number> {
  return { tanh_loss: WARM_UP_TANH, ...(uniform > 0 && { uniform_loss: uniform }) };
}

/** Sets W to max(W − 1e-3, 0) and ν to max(ν, 1), if a step has changed them. */
export function constrainLastLayer(parameters: ReadonlyMap<string, Tensor>): Map<string, Tensor> {
  const [weight, exponent] = [parameters.get(LAST_LAYER), parameters.get(EXPONENT)];
  const result = new Map<string, Tensor>();
  if (weight) result.set(LAST_LAYER, maximum(sub(weight, SHRINKAGE), 0));
  if (exponent) result.set(EXPONENT, maximum(exponent, 1));
  return result;
}

/** The two halves of a batch; if the number of images is odd, the first half has one more. */
function halves(x: Tensor): [Tensor, Tensor] {
  const middle = Math.ceil(x.shape[0] / 2);
  if (x.shape[0] < 2) {
    throw new GraphError(`PIP-Net's loss needs a batch of at least 2 images, but it has ${x.shape[0]}`);
  }
  return [sliceAxis(x, 0, 0, middle), sliceAxis(x, 0, middle, x.shape[0])];
}

/** −mean ln(Σ a·b + 1e-12). The gradient of each side treats the other side as constant, and is halved. */
function alignment(a: Tensor, b: Tensor): Tensor {
  const count = Math.min(a.shape[0], b.shape[0]);
  const [these, those] = [a, b].map((rows) => sliceAxis(rows, 0, 0, count));
  const one = (rows: Tensor, fixed: Tensor) =>
    neg(mean(log(add(sum(mul(rows, stopGradient(fixed)), { axes: [1] }), 1e-12))));
  return mean2([one(these, those), one(those, these)]);
}

/** −mean over prototypes of ln(tanh(Σ over images of s) + 1e-8), averaged over both halves. */
function presence(parts: readonly Tensor[]): Tensor {
  return neg(mean2(parts.map((scores) => mean(log(add(tanh(sum(scores, { axes: [0] })), 1e-8))))));
}

/** ln(mean over pairs of exp(−2‖X_i − X_j‖²) + 1e-10) of the normalised scores X. */
function uniformity(scores: Tensor): Tensor {
  const points = normalize(add(scores, 1e-8), { axis: 1 });
  const pairs = Array.from(
    { length: scores.shape[0] },
    (_, i) => Array.from({ length: i }, (_, j) => [j, i] as const),
  ).flat();
  const side = (which: 0 | 1) =>
    take(points, 0, constant(int64([pairs.length], pairs.map((pair) => pair[which]))));
  const distances = sum(square(sub(side(0), side(1))), { axes: [1] });
  return log(add(mean(exp(mul(distances, -2))), 1e-10));
}

function mean2([a, b]: readonly Tensor[]): Tensor {
  return div(add(a, b), 2);
}

function alignWeight(extra: ExtraInputs): Tensor {
  const weight = extra.get(ALIGN_WEIGHT);
  if (!weight) throw new GraphError(`PIP-Net's warm-up needs the extra input "${ALIGN_WEIGHT}"`);
  return weight;
}
