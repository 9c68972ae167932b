/** Where and how much the images of models without masks resemble each prototype, and what follows for the classes. */

import { type LayerContext, stateTensor } from "../nn/layers/layer_context.ts";
import { GraphError, type Tensor } from "../tensor/op.ts";
import { add, sub } from "../tensor/ops/arithmetic.ts";
import { conv2d } from "../tensor/ops/conv.ts";
import { logSimilarity, squaredDistance2d } from "../tensor/ops/distance.ts";
import { relu, sigmoid } from "../tensor/ops/elementwise.ts";
import { gemm } from "../tensor/ops/gemm.ts";
import { globalMaxPool2d } from "../tensor/ops/pool.ts";
import { mean } from "../tensor/ops/reduce.ts";
import { matmul } from "../tensor/ops/matmul.ts";
import { reshape, transpose } from "../tensor/ops/shape.ts";
import { softmax } from "../tensor/ops/softmax.ts";

export interface ExplainedPrediction {
  /** [N, classes] */
  readonly logits: Tensor;
  /** [N, P, H, W] */
  readonly maps: Tensor;
}

/** From the features [N, C, H, W] of the backbone and the model's state, in evaluation. */
export type SimilarityExplanation = (
  features: Tensor,
  state: LayerContext["state"],
) => ExplainedPrediction;

/** Chen et al. 2019, arXiv:1806.10574: the largest similarity of each prototype, weighted by the last layer. */
const protoPNet: SimilarityExplanation = (features, state) => {
  const context = evaluation(state);
  const hidden = relu(pointwise(features, "add_on_layers.0", context));
  const vectors = sigmoid(pointwise(hidden, "add_on_layers.2", context));
  const maps = logSimilarity(squaredDistance2d(vectors, stateTensor(context, "prototype_vectors")));
  const logits = gemm(spatialMaxima(maps), stateTensor(context, "last_layer.weight"), { transposeB: true });
  return { logits, maps };
};

/**
 * Rymarczyk et al. 2022, arXiv:2112.02902: similarity of the nearest position less that of the mean distance, shared out to
 * the slots of each class by the softmax of the presence matrix, without noise.
 */
const protoPool: SimilarityExplanation = (features, state) => {
  const context = evaluation(state);
  const vectors = sigmoid(pointwise(features, "add_on_layers.0", context));
  const distances = squaredDistance2d(vectors, stateTensor(context, "prototype_vectors"));
  const maps = logSimilarity(distances);
  const focal = sub(spatialMaxima(maps), logSimilarity(mean(distances, { axes: [2, 3] })));
  const presence = softmax(stateTensor(context, "proto_presence"), 1);
  const [classes, prototypes, slots] = presence.shape;
  const [images] = focal.shape;
  const bySlot = matmul(reshape(focal, [1, images, prototypes]), presence);
  const slotScores = reshape(transpose(bySlot, [1, 0, 2]), [images, classes * slots]);
  const logits = gemm(slotScores, stateTensor(context, "last_layer.weight"), { transposeB: true });
  return { logits, maps };
};

/** Nauta et al. 2023: the softmax over channels is the similarity, each channel a prototype; weights are not negative. */
const pipNet: SimilarityExplanation = (features, state) => {
  const maps = softmax(features, 1);
  const weight = relu(stateTensor(evaluation(state), "last_layer.weight"));
  return { logits: gemm(spatialMaxima(maps), weight, { transposeB: true }), maps };
};

const MODELS: Readonly<Record<string, SimilarityExplanation>> = {
  protopnet: protoPNet,
  protopool: protoPool,
  pipnet: pipNet,
};

/**
 * The explanation of the model called `name`.
 *
 * @throws {GraphError} when there is none.
 */
export function similarityExplanation(name: string): SimilarityExplanation {
  const explanation = MODELS[name];
  if (explanation) return explanation;
  throw new GraphError(
    `the model "${name}" has no similarity maps; there is ${Object.keys(MODELS).join(", ")}`,
  );
}

function evaluation(state: LayerContext["state"]): LayerContext {
  return { state, training: false, updated: new Map() };
}

function pointwise(x: Tensor, layer: string, context: LayerContext): Tensor {
  const bias = stateTensor(context, `${layer}.bias`);
  return add(conv2d(x, stateTensor(context, `${layer}.weight`)), reshape(bias, [-1, 1, 1]));
}

/** [N, P] */
function spatialMaxima(maps: Tensor): Tensor {
  return reshape(globalMaxPool2d(maps), maps.shape.slice(0, 2));
}
