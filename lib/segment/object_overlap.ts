/** How much of a mask lies on the object. */

import { runLengthArea, runLengthIntersection, type RunLengths } from "../vision/masks/rle.ts";

/**
 * |object ∧ mask| / |mask|, 0 … 1; 0 for an empty mask.
 *
 * @throws {RangeError} when the two differ in size.
 */
export function objectOverlap(mask: RunLengths, object: RunLengths): number {
  if (mask.width !== object.width || mask.height !== object.height) {
    throw new RangeError(
      `a mask of ${mask.width} × ${mask.height} can't be compared with an object mask of ` +
        `${object.width} × ${object.height}; expected equal sizes`,
    );
  }
  const area = runLengthArea(mask);
  return area === 0 ? 0 : runLengthIntersection(mask, object) / area;
}
