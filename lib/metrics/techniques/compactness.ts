/** Compactness of a model's last layer and of its explanations. */

import type { HostTensor } from "../../tensor/host_tensor.ts";
import { classLayerCompactness, WEIGHT_EPSILON } from "../compactness/class_layer.ts";
import { localSize } from "../compactness/local_size.ts";
import type { MetricFidelity } from "../fidelity.ts";
import { ImageTable } from "./image_table.ts";

/**
 * Global Size, Sparsity (percent) and NPR of the weights of the last layer (classes × prototypes, or classes × slots).
 *
 * @param used whether each prototype is used; default: whether it has a weight above ε
 */
export function compactness(
  weights: HostTensor<"float32">,
  epsilon = WEIGHT_EPSILON,
  used?: readonly boolean[],
): { "Global Size": number; "Sparsity": number; "NPR": number } {
  const { globalSize, sparsity, negativePositiveRatio } = classLayerCompactness(weights, epsilon);
  const size = used ? used.filter(Boolean).length : globalSize;
  return { "Global Size": size, "Sparsity": 100 * sparsity, "NPR": negativePositiveRatio };
}

/** The mean number of prototypes that explain an image. Images are added one at a time. */
export class LocalSize {
  readonly #table = new ImageTable(["Local Size"], []);

  /** @param scores the image's scores of all prototypes */
  add(scores: Float32Array, threshold?: number): void {
    this.#table.add("Local Size", () => localSize(scores, threshold));
  }

  perImage(): Record<string, readonly number[]> {
    return this.#table.perImage();
  }

  results(averaging: MetricFidelity["averaging"], batchSize: number): Record<string, number> {
    return this.#table.means(averaging, batchSize);
  }
}
