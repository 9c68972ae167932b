/** Pruning: removes prototypes whose nearest images mostly show other classes (Chen et al. 2019, appendix). */

import type { Fidelity } from "../../fidelity.ts";
import type { Parameters } from "../../nn/parameters.ts";
import type { SessionOptions } from "../../runtime/session_options.ts";
import { float32, type HostTensor } from "../../tensor/host_tensor.ts";
import { takeRows } from "../../tensor/take_rows.ts";
import { LAST_LAYER, PROTOTYPES } from "../prototypes/head.ts";
import type { ProjectableModel } from "../prototypes/prototype_model.ts";
import type { Batches } from "../training/loop/epoch.ts";
import { candidatesOf } from "./project.ts";
import { setDifferenceOrder } from "./python_set.ts";

export interface PruneOptions {
  /** The number of nearest images that are looked at; 6 in the reference. */
  readonly nearest: number;
  /** How many of them must show the prototype's class; 3 in the reference. */
  readonly required: number;
  /** The order of the kept prototypes; see {@link prunedOrder}. */
  readonly order: Fidelity;
}

/** A model's state without the removed prototypes. */
export interface Pruned {
  readonly state: Parameters;
  /** The kept prototypes in their order in `state`, by their numbers before. */
  readonly kept: readonly number[];
  /** By prototype before, the classes of its nearest images, the nearest first. */
  readonly nearestLabels: readonly (readonly number[])[];
}

/**
 * Removes the prototypes of whose `nearest` images of any class fewer than `required` show their own class, with their
 * columns of the last layer.
 *
 * @param batches the training images in order, not augmented
 * @throws {PruningError} if no prototype would be left.
 */
export async function prune(
  model: ProjectableModel,
  state: Parameters,
  batches: Batches,
  { nearest, required, order }: PruneOptions,
  session: SessionOptions = {},
): Promise<Pruned> {
  const { prototypeClasses } = model;
  const found = new NearestImages(prototypeClasses.length, nearest);
  for await (const { minDistances, labels } of candidatesOf(model, state, batches, session)) {
    found.add(minDistances, labels);
  }
  const nearestLabels = found.labels;
  const ascending = keptPrototypes(nearestLabels, prototypeClasses, required);
  if (ascending.length === 0) {
    throw new PruningError(
      `no prototype has ${required} images of its class among its ${nearest} nearest ones: lower the param required, or ` +
        "train longer",
    );
  }
  const kept = prunedOrder(ascending, prototypeClasses.length, order);
  const [vectors, weight] = [PROTOTYPES, LAST_LAYER].map((name) => state.get(name) as HostTensor<"float32">);
  return {
    state: new Map([
      ...state,
      [PROTOTYPES, takeRows(vectors, kept)],
      [LAST_LAYER, keepColumns(weight, kept)],
    ]),
    kept,
    nearestLabels,
  };
}

/** Pruning that would leave no prototype. */
export class PruningError extends Error {
  override readonly name = "PruningError";
}

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
