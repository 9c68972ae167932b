/** Projection ("push"): every prototype becomes the nearest vector of its own class in the training set. */

import type { Fidelity } from "../../fidelity.ts";
import { elementCount, float32, type HostTensor } from "../../tensor/host_tensor.ts";

/** Where a prototype comes from. */
export interface PrototypeSource {
  readonly prototype: number;
  /** Position of the image in the order of the pass. */
  readonly image: number;
  /** Which of the image's views or positions, counted in row-major order. */
  readonly candidate: number;
  /** Squared distance to the prototype as it was. */
  readonly distance: number;
}

/** Candidates of one batch. */
export interface ProjectionBatch {
  /** [N, K, D] */
  readonly vectors: HostTensor<"float32">;
  /** [N, K, P] */
  readonly distances: HostTensor<"float32">;
  /** [N] */
  readonly labels: readonly number[];
}

/**
 * Collects the nearest own-class candidate of each prototype over the batches of one pass; among equals the first image,
 * then the first candidate. `reference` starts over with every batch that contains the class, so that the last
 * such batch decides; `intended` compares over the whole pass. A prototype whose class has no image becomes zero.
 */
export class Projection {
  readonly #classes: readonly number[];
  readonly #fidelity: Fidelity;
  readonly #found = new Map<number, PrototypeSource>();
  readonly #vectors = new Map<number, Float32Array>();
  #images = 0;

  /** @param prototypeClasses the class of every prototype */
  constructor(prototypeClasses: readonly number[], fidelity: Fidelity) {
    this.#classes = prototypeClasses;
    this.#fidelity = fidelity;
  }

  add({ vectors, distances, labels }: ProjectionBatch): void {
    const [, candidates, depth] = vectors.shape;
    const count = this.#classes.length;
    this.#classes.forEach((own, prototype) => {
      let best = this.#fidelity === "intended" ? this.#found.get(prototype)?.distance ?? Infinity : Infinity;
      labels.forEach((label, row) => {
        if (label !== own) return;
        for (let candidate = 0; candidate < candidates; candidate++) {
          const at = row * candidates + candidate;
          const distance = distances.data[at * count + prototype];
          if (!(distance < best)) continue;
          best = distance;
          this.#found.set(prototype, { prototype, image: this.#images + row, candidate, distance });
          this.#vectors.set(prototype, vectors.data.slice(at * depth, (at + 1) * depth));
        }
      });
    });
    this.#images += labels.length;
  }

  /** The projected prototypes, in the shape [P, D, 1, 1] of those before. */
  prototypes({ shape }: { readonly shape: readonly number[] }): HostTensor<"float32"> {
    const values = new Float32Array(elementCount(shape));
    const depth = values.length / this.#classes.length;
    for (const [prototype, vector] of this.#vectors) values.set(vector, prototype * depth);
    return float32(shape, values);
  }

  /** In the order in which prototypes were first found. */
  get sources(): PrototypeSource[] {
    return [...this.#found.values()];
  }
}
