/**
 * Does a prototype see the part that it points at? Its similarity should drop more when that part is removed from the
 * image than when another one is.
 */

import { requireCount } from "../shapes.ts";
import { meanOf } from "../image_values.ts";

/** What removing each of several parts from one image does to one prototype. */
export interface Removal {
  /** The index of the part that the prototype points at. */
  readonly pointedAt: number;
  /** The index of the part that covers the most pixels. */
  readonly biggest: number;
  /** Per part the similarity to the image less that to the image without the part. */
  readonly drops: readonly number[];
}

/** How often something holds of the part pointed at, of a part chosen at random, and of the biggest part. */
export interface Share {
  readonly share: number;
  readonly chance: number;
  readonly biggest: number;
}

/**
 * The relevance on each part: Σ max(map, 0) over its pixels.
 *
 * @param levels in the map's size: k (from 1) where part k is visible; other levels are no part
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
 * Compares drops d over all cases of at least two parts. For part i let m_i be the mean and h_i the highest of the
 * drops of the other parts. `aboveMean`: the share of cases with d_p > m_p for the part p pointed at; `largest`: with
 * d_p > h_p. By chance a part of the image chosen at random would do, which is the mean over the cases of the share of
 * parts i with d_i > m_i, and with d_i > h_i: at most a half or so, and 1 by the number of parts (less where drops are
 * equal). Big parts get more relevance and change more pixels, so there is also the share that pointing at the biggest
 * part, without a look at the relevance, would have. NaN for no cases.
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
