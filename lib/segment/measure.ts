/** Measures masks by area and box, and sorts them, largest first. */

import type { Box } from "../vision/masks/boxes.ts";
import { runLengthArea, runLengthBox, type RunLengths } from "../vision/masks/rle.ts";

/** The measurements of a mask. */
export interface Measures {
  /** In pixels. */
  readonly area: number;
  /** Inclusive corners in pixels. */
  readonly box: Box;
}

/** Masks with their measures, largest first; equally large ones stay in the given order, empty ones are left out. */
export function measureMasks<Found extends { readonly runs: RunLengths }>(
  found: readonly Found[],
): (Found & Measures)[] {
  return found.flatMap((mask) => {
    const box = runLengthBox(mask.runs);
    return box ? [{ ...mask, area: runLengthArea(mask.runs), box }] : [];
  }).sort((a, b) => b.area - a.area);
}

/**
 * Whether a box (inclusive corners) is at most two pixels wide or high: the reference implementation drops masks
 * with x1 ≥ x2 − 1 or y1 ≥ y2 − 1.
 */
export function isThin([x1, y1, x2, y2]: Box): boolean {
  return x1 >= x2 - 1 || y1 >= y2 - 1;
}
