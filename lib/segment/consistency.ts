/** Mask consistency: do the masks of a class's images cut the object into the same groups of parts? */

import type { PartPoint } from "../data/data_set.ts";
import type { Mask } from "../vision/image.ts";
import { resizeMaskLinear } from "../vision/resize/opencv.ts";

/** One image: its class, its masks (all of one size) and its visible parts. */
export interface ConsistencyImage {
  readonly label: number;
  readonly masks: readonly Mask[];
  readonly parts: readonly PartPoint[];
}

/**
 * `reference`: bit k of a pattern is the k-th visible part of the image, so one bit means different parts in
 * different images, and the slots up to the largest number of visible parts of the set read the bottom-right
 * pixel. `intended`: bit k is the part with the id k + 1.
 */
export type ConsistencyFidelity = "reference" | "intended";

export interface Consistency {
  /** Per image the distinct patterns of parts that its masks cover, ascending. */
  readonly patterns: readonly (readonly number[])[];
  /** Per class the mean share of its images in which a pattern occurs, over the patterns that occur. */
  readonly classMeans: readonly number[];
  /** The population standard deviation of those shares. */
  readonly classStds: readonly number[];
  /** The mean of the class means, 0 … 1. */
  readonly total: number;
}

const GRID = 224;

/**
 * The consistency of the masks of a data set, the objective by which segmentation is tuned. Masks are resized to
 * 224 × 224 and parts are scaled to it. Classes without images count in no mean; their own mean is NaN.
 *
 * @throws {RangeError} when a part lies left of or above its image.
 */
export function maskConsistency(
  images: readonly ConsistencyImage[],
  classCount: number,
  fidelity: ConsistencyFidelity,
): Consistency {
  const slots = Math.max(0, ...images.map(({ parts }) => parts.length));
  const patterns = images.map((one) => patternsOf(one, fidelity, slots));
  const classShares = Array.from({ length: classCount }, (_, label) => {
    const counts = new Map<number, number>();
    const ofClass = patterns.filter((_, i) => images[i].label === label);
    for (const pattern of ofClass.flat()) counts.set(pattern, (counts.get(pattern) ?? 0) + 1);
    return [...counts.values()].map((count) => count / ofClass.length);
  });
  const classMeans = classShares.map(mean);
  return {
    patterns,
    classMeans,
    classStds: classShares.map((shares, label) =>
      Math.sqrt(mean(shares.map((share) => (share - classMeans[label]) ** 2)))
    ),
    total: mean(classMeans.filter((value) => !Number.isNaN(value))),
  };
}

function patternsOf(
  { masks, parts }: ConsistencyImage,
  fidelity: ConsistencyFidelity,
  slots: number,
): number[] {
  const found = new Set<number>();
  for (const mask of masks) {
    const grid = resizeMaskLinear(mask, GRID, GRID).data;
    let pattern = 0;
    parts.forEach(([id, x, y], position) => {
      if (grid[cell(y, mask.height) * GRID + cell(x, mask.width)] !== 0) {
        pattern += 2 ** (fidelity === "intended" ? id - 1 : position);
      }
    });
    if (fidelity === "reference" && grid[GRID * GRID - 1] !== 0) {
      for (let slot = parts.length; slot < slots; slot++) pattern += 2 ** slot;
    }
    found.add(pattern);
  }
  return [...found].sort((a, b) => a - b);
}

/** The row or column of the grid, by float32, for a place on an axis of `length` pixels; beyond the end, the last one's. */
function cell(place: number, length: number): number {
  if (place < 0) throw new RangeError(`a part at ${place} lies outside its image, whose pixels begin at 0`);
  return Math.trunc(Math.fround((place >= length ? length - 1 : place) * (GRID / length)));
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
