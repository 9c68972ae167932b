/** Pruning: removes prototypes whose nearest images mostly show other classes. */

import type { Fidelity } from "../../fidelity.ts";
import { setDifferenceOrder } from "./python_set.ts";
import { float32, type HostTensor } from "../../tensor/host_tensor.ts";

/** The nearest images of every prototype, found batch by batch. */
export class NearestImages {
  readonly #nearest: number;
  readonly #found: { distance: number; label: number }[][];

  /** @param nearest how many images of each prototype are kept; 6 in the reference */
  constructor(prototypes: number, nearest: number) {
    this.#nearest = nearest;
    this.#found = Array.from({ length: prototypes }, () => []);
  }

  /**
   * @param minDistances [N, P]: squared distance of every image's nearest candidate to every prototype
   * @param labels [N]
   */
  add({ data }: HostTensor<"float32">, labels: readonly number[]): void {
    const count = this.#found.length;
    this.#found.forEach((kept, prototype) => {
      labels.forEach((label, row) => kept.push({ distance: data[row * count + prototype], label }));
      // A stable sort: of images at one distance the earlier stays before the later.
      kept.sort((a, b) => a.distance - b.distance);
      kept.length = Math.min(kept.length, this.#nearest);
    });
  }

  /** The classes of each prototype's nearest images, the nearest first. */
  get labels(): number[][] {
    return this.#found.map((kept) => kept.map(({ label }) => label));
  }
}

/**
 * The prototypes, ascending, with at least `required` (3 of 6 in the reference) nearest images of their class.
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
 * The kept prototypes in the order in which they stand in the pruned model: ascending, or as the reference's program has
 * them, which goes through a set.
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
