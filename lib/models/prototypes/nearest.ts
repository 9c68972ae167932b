/** Computes logits from the distances of candidates: only the nearest candidate of each prototype counts. */

import type { Tensor } from "../../tensor/op.ts";
import { logSimilarity } from "../../tensor/ops/distance.ts";
import { gemm } from "../../tensor/ops/gemm.ts";
import { min } from "../../tensor/ops/order.ts";

/** The output of a model with K candidate vectors per image and P prototypes. */
export interface Prediction {
  /** [N, classes] */
  readonly logits: Tensor;
  /** [N, P]: the squared distance of the nearest candidate */
  readonly minDistances: Tensor;
  /** int64 [N, P]: the index of the nearest candidate (the first of several equal) */
  readonly nearest: Tensor;
  /** [N, P]: the input of the last layer */
  readonly similarity: Tensor;
}

/**
 * @param distances [N, K, P] of the candidates
 * @param weight the weight of the last layer, [classes, P]
 */
export function predictNearest(distances: Tensor, weight: Tensor): Prediction {
  const { values: minDistances, indices: nearest } = min(distances, 1);
  const similarity = logSimilarity(minDistances);
  return { logits: gemm(similarity, weight, { transposeB: true }), minDistances, nearest, similarity };
}
