/** The overlap of a visualisation with the object and with the background. */

import type { MaskData } from "../changes/location.ts";
import { ratioOrZero } from "../general/classification.ts";
import { requireCount } from "../shapes.ts";

export interface ObjectOverlaps {
  /** |mask ∧ object| / |object|: the fraction of the object that the mask covers; 0 if there is no object. */
  readonly objectOverlap: number;
  /** 1 − |mask ∧ object| / |mask|, where |mask| counts pixels above 0; 0 for an empty mask. */
  readonly backgroundOverlap: number;
  /** |mask ∧ object| / |mask ∨ object|; 0 if both are empty. */
  readonly iou: number;
}

/** Compares a mask with the object's mask of the same size; non-zero pixels are set. */
export function objectOverlaps(mask: MaskData, object: MaskData): ObjectOverlaps {
  requireCount("the number of pixels of the object mask", object.length, mask.length);
  let [shared, covered, either, size] = [0, 0, 0, 0];
  for (let i = 0; i < mask.length; i++) {
    const isMask = mask[i] !== 0;
    const isObject = object[i] !== 0;
    if (isMask && isObject) shared++;
    if (isObject) covered++;
    if (isMask || isObject) either++;
    if (mask[i] > 0) size++;
  }
  return {
    objectOverlap: ratioOrZero(shared, covered),
    backgroundOverlap: size === 0 ? 0 : 1 - shared / size,
    iou: ratioOrZero(shared, either),
  };
}
