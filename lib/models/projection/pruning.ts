/** Pruning: removes prototypes whose nearest images mostly show other classes. */

import type { Fidelity } from "../../fidelity.ts";
import { setDifferenceOrder } from "./python_set.ts";
import { float32, type HostTensor } from "../../tensor/host_tensor.ts";

/** Collects the nearest images of every prototype over batches. */
export class NearestImages {
  readonly #nearest: number;
  readonly #found: { distance: number; label: number }[][];

  /** @param nearest the number of images to keep per prototype; 6 in the reference */
  constructor(prototypes: number, nearest: number) {
    this.#nearest = nearest;
    this.#found = Array.from({ length: prototypes }, () => []);
  }

  /**
   * @param minDistances [N, P]: the squared distance of every image's nearest candidate to every prototype
   * @param labels [N]
   */
  add({ data }: HostTensor<"float32">, labels: readonly number[]): void {
    const count = this.#found.length;
    this.#found.forEach((kept, prototype) => {
      labels.forEach((label, row) => kept.push({ distance: data[row * count + prototype], label }));
      // The sort is stable: images with the same distance keep their order.
      kept.sort((a, b) => a.distance - b.distance);
      kept.length = Math.min(kept.length, this.#nearest);
    });
  }

  /** For each prototype, the classes of its nearest images, the nearest first. */
  get labels(): number[][] {
    return this.#found.map((kept) => kept.map(({ label }) => label));
  }
}

/**
 * The prototypes, in ascending order, with at least `required` nearest images of their own class (3 of 6 in
 * the reference).
 */
export function keptPrototypes(
  nearestLabels: readonly (readonly number[])[],
  prototypeClasses: readonly number[],
  required: number,
): number[] {
  return prototypeClasses.flatMap((own, prototype) =>
    nearestLabels[prototype].filter((label) => label === own).length >= required ? [prototype] : []
  );
}

/**
 * The kept prototypes in their order in the pruned model. `intended`: ascending; `reference`: the iteration
 * order of a Python set.
 */
export function prunedOrder(kept: readonly number[], prototypes: number, fidelity: Fidelity): number[] {
  return fidelity === "reference" ? setDifferenceOrder(prototypes, kept) : [...kept];
}

/** The given columns of a last layer's weight [C, P]. */
export function keepColumns(
  { shape: [rows, columns], data }: HostTensor<"float32">,
  kept: readonly number[],
): HostTensor<"float32"> {
  const values = Array.from({ length: rows }, (_, row) => kept.map((column) => data[row * columns + column]));
  return float32([rows, kept.length], values.flat());
}
