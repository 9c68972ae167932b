/**
 * Tests whether a prototype depends on the part that it points at: its similarity should drop more if that
 * part is removed from the image than if another part is removed.
 */

import { requireCount } from "../shapes.ts";
import { meanOf } from "../image_values.ts";

/** The effect on one prototype of removing each part of one image in turn. */
export interface Removal {
  /** The index of the part that the prototype points at. */
  readonly pointedAt: number;
  /** The index of the part that covers the most pixels. */
  readonly biggest: number;
  /** For each part, the similarity to the image minus the similarity to the image without the part. */
  readonly drops: readonly number[];
}

/**
 * How often a condition holds for the part pointed at (`share`), a random part (`chance`) and the biggest
 * part.
 */
export interface Share {
  readonly share: number;
  readonly chance: number;
  readonly biggest: number;
}

/**
 * The relevance on each part: Σ max(map, 0) over its pixels.
 *
 * @param levels the part mask, of the map's size: k (from 1) where part k is visible; other levels are not
 * parts
 * @param count the number of parts
 */
export function relevanceOfParts(map: Float32Array, levels: ArrayLike<number>, count: number): Float64Array {
  requireCount("the number of pixels of the part mask", levels.length, map.length);
  const sums = new Float64Array(count);
  for (let i = 0; i < map.length; i++) {
    if (levels[i] >= 1 && levels[i] <= count && map[i] > 0) sums[levels[i] - 1] += map[i];
  }
  return sums;
}

/**
 * Compares drops d over all cases with at least two parts. For part i, m_i is the mean and h_i the highest of
 * the drops of the other parts. `aboveMean` counts cases with d_p > m_p for the part p pointed at; `largest`
 * counts cases with d_p > h_p. Each result has two baselines. `chance` is the expected value for a random
 * part of each image: about one half for `aboveMean`, and 1 / number of parts for `largest` (less if drops
 * are equal). `biggest` is the value for the biggest part, because big parts get more relevance and change
 * more pixels. NaN if there are no cases.
 */
export function compareRemovals(removals: readonly Removal[]): {
  cases: number;
  aboveMean: Share;
  largest: Share;
} {
  const cases = removals.filter(({ drops }) => drops.length > 1);
  const shareOf = (stands: (drop: number, others: readonly number[]) => boolean): Share => {
    const holds = cases.map(({ drops }) =>
      drops.map((drop, part) => Number(stands(drop, drops.filter((_, other) => other !== part))))
    );
    const shareAt = (part: (removal: Removal) => number) =>
      meanOf(holds.map((ofParts, i) => ofParts[part(cases[i])]));
    return {
      share: shareAt(({ pointedAt }) => pointedAt),
      chance: meanOf(holds.map(meanOf)),
      biggest: shareAt(({ biggest }) => biggest),
    };
  };
  return {
    cases: cases.length,
    aboveMean: shareOf((drop, others) => drop > meanOf(others)),
    largest: shareOf((drop, others) => others.every((other) => drop > other)),
  };
}
