/** How much of a mask lies on the object. */

import type { Mask } from "../vision/image.ts";

/**
 * |object ∧ mask| / |mask|, 0 … 1; 0 for an empty mask.
 *
 * @throws {RangeError} when the two differ in size.
 */
export function objectOverlap(mask: Mask, object: Mask): number {
  if (mask.width !== object.width || mask.height !== object.height) {
    throw new RangeError(
      `a mask of ${mask.width} × ${mask.height} can't be compared with an object mask of ` +
        `${object.width} × ${object.height}; expected equal sizes`,
    );
  }
  let area = 0;
  let shared = 0;
  for (let i = 0; i < mask.data.length; i++) {
    if (mask.data[i] === 0) continue;
    area++;
    if (object.data[i] !== 0) shared++;
  }
  return area === 0 ? 0 : shared / area;
}
