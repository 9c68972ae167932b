/** Projection ("push"): every prototype becomes the nearest vector of its own class in the training set. */

import type { Fidelity } from "../../fidelity.ts";
import { elementCount, float32, type HostTensor } from "../../tensor/host_tensor.ts";

/** The source of a projected prototype. */
export interface PrototypeSource {
  readonly prototype: number;
  /** The index of the image in the order of the pass. */
  readonly image: number;
  /** The index of the image's view or position, in row-major order. */
  readonly candidate: number;
  /** The squared distance to the prototype before projection. */
  readonly distance: number;
}

/** The candidates of one batch. */
export interface ProjectionBatch {
  /** [N, K, D] */
  readonly vectors: HostTensor<"float32">;
  /** [N, K, P] */
  readonly distances: HostTensor<"float32">;
  /** [N] */
  readonly labels: readonly number[];
}

/**
 * Collects the nearest candidate of its own class for each prototype, over the batches of one pass; ties go
 * to the first image, then to the first candidate. `reference` starts over with every batch that contains the
 * class, so the last such batch decides; `intended` compares over the whole pass. A prototype whose class has
 * no image becomes zero.
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

  /** The projected prototypes, in the shape [P, D, 1, 1] of the given ones. */
  prototypes({ shape }: { readonly shape: readonly number[] }): HostTensor<"float32"> {
    const values = new Float32Array(elementCount(shape));
    const depth = values.length / this.#classes.length;
    for (const [prototype, vector] of this.#vectors) values.set(vector, prototype * depth);
    return float32(shape, values);
  }

  /** The sources, in the order in which they were first found. */
  get sources(): PrototypeSource[] {
    return [...this.#found.values()];
  }
}
