/** Consistency: measures whether a prototype points at the same part in every image. */

import { requireCount, requireIndex } from "../shapes.ts";

/** Counts, over all images, the parts at which each prototype points. */
export class PartConsistency {
  readonly #occurrences = new Map<number, number>();
  readonly #hits = new Map<number, Map<number, number>>();

  constructor(readonly prototypes: number) {}

  /**
   * @param top the image's top prototypes
   * @param hits for each top prototype, the ids of the parts at which it points; zeros are ignored
   */
  add(top: readonly number[], hits: readonly ArrayLike<number>[]): void {
    requireCount("the number of lists of part hits", hits.length, top.length);
    top.forEach((prototype, rank) => {
      requireIndex(`the prototype of rank ${rank}`, prototype, this.prototypes);
      this.#occurrences.set(prototype, (this.#occurrences.get(prototype) ?? 0) + 1);
      let counts = this.#hits.get(prototype);
      if (!counts) this.#hits.set(prototype, counts = new Map());
      for (let slot = 0; slot < hits[rank].length; slot++) {
        const id = hits[rank][slot];
        if (id !== 0) counts.set(id, (counts.get(id) ?? 0) + 1);
      }
    });
  }

  /**
   * For each prototype that was a top one: the fraction of its images in which it hit a part, averaged over
   * the distinct parts that it hit; 0 if it hit none.
   */
  perPrototype(): Map<number, number> {
    return new Map(
      [...this.#occurrences].map(([prototype, occurrences]) => {
        const counts = [...this.#hits.get(prototype)!.values()];
        const hits = counts.reduce((sum, count) => sum + count, 0);
        return [prototype, counts.length === 0 ? 0 : hits / occurrences / counts.length];
      }),
    );
  }

  /**
   * The mean over the prototypes that were top ones, 0 … 1 (above 1 if an id occurs twice in one list); NaN
   * if there are none.
   */
  mean(): number {
    const scores = [...this.perPrototype().values()];
    return scores.reduce((sum, score) => sum + score, 0) / scores.length;
  }
}
