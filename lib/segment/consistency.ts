/** Mask consistency: do the masks of a class's images cut the object into the same groups of parts? */

import type { Fidelity } from "../fidelity.ts";
import type { PartPoint } from "../data/data_set.ts";
import type { Mask } from "../vision/image.ts";
import type { RunLengths } from "../vision/masks/rle.ts";
import { resizeRunLengthsLinear } from "../vision/resize/opencv.ts";

/** How often the patterns of a class recur in its images; NaN for a class without images. */
export interface ClassConsistency {
  /** Per class the mean share of its images in which a pattern occurs, over the patterns that occur. */
  readonly classMeans: readonly number[];
  /** The population standard deviation of those shares. */
  readonly classStds: readonly number[];
  /** The mean of the class means, 0 … 1; NaN where a class has no image. */
  readonly total: number;
  /** The mean of the classes' standard deviations. */
  readonly totalStd: number;
}

const GRID = 224;

/** An unused slot in the table of an image's parts. */
const UNUSED: PartPoint = [-1, -1, -1];

/**
 * The distinct patterns of the parts that the masks of an image cover, ascending, for each fidelity. Masks of run lengths of
 * one size are resized to 224 × 224 and parts are scaled to it; no mask is decoded at its own size. `reference`: bit k of a
 * pattern is the k-th visible part of the image, so one bit means different parts in different images, and the slots up to
 * the largest number of visible parts of the set read the bottom-right pixel; `intended`: bit k is the part with the id k + 1
 *
 * @param slots the largest number of visible parts of an image of the set
 * @throws {RangeError} when a part lies left of or above the image.
 */
export function runLengthPatterns(
  masks: readonly RunLengths[],
  parts: readonly PartPoint[],
  slots: number,
): Record<Fidelity, number[]> {
  if (masks.length === 0) return { reference: [], intended: [] };
  const onGrid = slotsOn(masks[0], parts, slots);
  const columns = linesOf(onGrid.map(([, x]) => x));
  const rows = linesOf(onGrid.map(([, , y]) => y));
  const grids = masks.map((runs) => resizeRunLengthsLinear(runs, GRID, GRID, { columns, rows }));
  const placed = onGrid.map(([id, x, y]): PartPoint =>
    id < 0 ? UNUSED : [id, columns.indexOf(x), rows.indexOf(y)]
  );
  return {
    reference: maskPatterns(grids, placed, "reference"),
    intended: maskPatterns(grids, placed, "intended"),
  };
}

/** The columns or rows of the grid that patterns read, ascending, with the last one, which unused slots read. */
function linesOf(places: readonly number[]): number[] {
  return distinct([...places.filter((place) => place >= 0), GRID - 1]);
}

/** The parts of an image on the grid, and the unused slots. */
function slotsOn(
  { width, height }: { readonly width: number; readonly height: number },
  parts: readonly PartPoint[],
  slots: number,
): PartPoint[] {
  const scaled = parts.map(([id, x, y]): PartPoint => [id, cell(x, width), cell(y, height)]);
  return [...scaled, ...new Array<PartPoint>(slots - parts.length).fill(UNUSED)];
}

/**
 * The distinct patterns of parts that the masks of one image cover, ascending.
 *
 * @param slots id and place, in pixels of the masks, truncated towards 0; unused ones have the id and places −1
 * @throws {RangeError} when a part lies outside a mask.
 */
export function maskPatterns(
  masks: readonly Mask[],
  slots: readonly PartPoint[],
  fidelity: Fidelity,
): number[] {
  return distinct(masks.map((mask) => {
    let pattern = 0;
    slots.forEach(([id, x, y], slot) => {
      if (fidelity === "intended" && id < 0) return;
      const column = id < 0 ? mask.width - 1 : Math.trunc(x);
      const row = id < 0 ? mask.height - 1 : Math.trunc(y);
      if (!(column >= 0 && column < mask.width && row >= 0 && row < mask.height)) {
        throw new RangeError(
          `part ${id} at (${x}, ${y}) is outside its mask of ${mask.width} × ${mask.height} pixels`,
        );
      }
      if (mask.data[row * mask.width + column] !== 0) {
        pattern += 2 ** (fidelity === "intended" ? id - 1 : slot);
      }
    });
    return pattern;
  }));
}

/** How often the patterns of a class's images recur, by class. */
export function patternConsistency(
  patterns: readonly (readonly number[])[],
  labels: readonly number[],
  classCount: number,
): ClassConsistency {
  const classShares = Array.from({ length: classCount }, (_, label) => {
    const counts = new Map<number, number>();
    const ofClass = patterns.filter((_, i) => labels[i] === label);
    for (const pattern of ofClass.flat()) counts.set(pattern, (counts.get(pattern) ?? 0) + 1);
    return [...counts.values()].map((count) => count / ofClass.length);
  });
  const classMeans = classShares.map(mean);
  const classStds = classShares.map((shares, label) =>
    Math.sqrt(mean(shares.map((share) => (share - classMeans[label]) ** 2)))
  );
  return { classMeans, classStds, total: mean(classMeans), totalStd: mean(classStds) };
}

function distinct(values: readonly number[]): number[] {
  return [...new Set(values)].sort((a, b) => a - b);
}

/** The row or column of the grid, by float32, for a place on an axis of `length` pixels; beyond the end, the last one's. */
function cell(place: number, length: number): number {
  if (place < 0) {
    throw new RangeError(`a part at ${place} is outside its image; expected a coordinate of 0 or more`);
  }
  return Math.trunc(Math.fround((place >= length ? length - 1 : place) * (GRID / length)));
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
