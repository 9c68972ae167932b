/**
 * The compactness of a model's last layer: used prototypes, zero weights, and the ratio of negative to
 * positive weights.
 */

import type { HostTensor } from "../../tensor/host_tensor.ts";
import { sidesOf } from "../shapes.ts";

/** Weights between −ε and ε count as zero. */
export const WEIGHT_EPSILON = 1e-3;

export interface ClassLayerCompactness {
  /** The number of prototypes with a weight above ε for any class. */
  readonly globalSize: number;
  /** The fraction of weights in [−ε, ε]. */
  readonly sparsity: number;
  /**
   * The number of weights below −ε divided by the number above ε: infinite if none is above ε, NaN if both
   * numbers are 0.
   */
  readonly negativePositiveRatio: number;
}

/** @param weights of the last layer, classes × prototypes; compared with ε in float32 */
export function classLayerCompactness(
  weights: HostTensor<"float32">,
  epsilon = WEIGHT_EPSILON,
): ClassLayerCompactness {
  const [classes, prototypes] = sidesOf(weights, "the weights of the last layer", "classes", "prototypes");
  const limit = Math.fround(epsilon);
  let positive = 0;
  let negative = 0;
  for (let i = 0; i < weights.data.length; i++) {
    if (weights.data[i] > limit) positive++;
    else if (weights.data[i] < -limit) negative++;
  }
  const count = classes * prototypes;
  return {
    globalSize: usedPrototypes(weights, epsilon).filter(Boolean).length,
    sparsity: (count - positive - negative) / count,
    negativePositiveRatio: negative / positive,
  };
}

/** For each prototype, whether it has a weight above ε for any class. */
export function usedPrototypes(weights: HostTensor<"float32">, epsilon = WEIGHT_EPSILON): boolean[] {
  const [, prototypes] = sidesOf(weights, "the weights of the last layer", "classes", "prototypes");
  const limit = Math.fround(epsilon);
  const isUsed = new Array<boolean>(prototypes).fill(false);
  weights.data.forEach((weight, i) => {
    if (weight > limit) isUsed[i % prototypes] = true;
  });
  return isUsed;
}
