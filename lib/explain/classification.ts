/** How a model makes logits of similarities: the score of every prototype in an image, times its weight for each class. */

import { prototypeWeights } from "../models/prototypes/prototype_weights.ts";
import { squaredDistances } from "../models/prototypes/distances.ts";
import { PROTOTYPES } from "../models/prototypes/head.ts";
import { NOISE, PRESENCE } from "../models/prototypes/presence.ts";
import type { BatchPlace, SimilarityMaps } from "../models/prototypes/prototype_model.ts";
import { type LayerContext, stateTensor } from "../nn/layers/layer_context.ts";
import { float32, type HostTensor } from "../tensor/host_tensor.ts";
import type { Tensor } from "../tensor/op.ts";
import { sub } from "../tensor/ops/arithmetic.ts";
import { logSimilarity } from "../tensor/ops/distance.ts";
import { max } from "../tensor/ops/order.ts";
import { mean } from "../tensor/ops/reduce.ts";
import { reshape, transpose } from "../tensor/ops/shape.ts";
import type { ExplainedModel } from "./explained_model.ts";

/**
 * The scores [N, P] that the last layer weighs: the largest similarity of each prototype. Where slots select prototypes, the
 * similarity of the mean distance over all positions is subtracted, as ProtoPool does.
 */
export function scoresOf(
  { state }: Pick<ExplainedModel, "state">,
  { maps, features }: Pick<SimilarityMaps, "maps" | "features">,
  context: LayerContext,
): Tensor {
  const [images, prototypes, height, width] = maps.shape;
  const largest = max(reshape(maps, [images, prototypes, height * width]), 2).values;
  if (!state.has(PRESENCE)) return largest;
  const depth = features.shape[1];
  const vectors = transpose(reshape(features, [images, depth, height * width]), [0, 2, 1]);
  const distances = squaredDistances(vectors, stateTensor(context, PROTOTYPES));
  return sub(largest, logSimilarity(mean(distances, { axes: [1] })));
}

/** The model, and the place from which noise in its logits is derived; without a place there is no noise. */
export interface WeighedImage {
  readonly explained: ExplainedModel;
  readonly place?: BatchPlace;
}

/** The weight of every prototype for every class in the logits of an image, [classes, P]: logits = scores · weightsᵀ. */
export function classWeights({ explained, place }: WeighedImage): HostTensor<"float32"> {
  const { state, model, definition: { compared } } = explained;
  const noise = place && state.has(PRESENCE) ? model.extraValues(place)[NOISE] : undefined;
  const weights = prototypeWeights(state, noise as HostTensor<"float32"> | undefined);
  // PIP-Net weighs its channels by relu(W).
  return compared.kind === "channels"
    ? float32(weights.shape, weights.data.map((weight) => Math.max(weight, 0)))
    : weights;
}
