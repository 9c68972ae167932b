/** Small holes and islands of finished masks, removed at the image's resolution; duplicates that result are dropped. */

import type { Mask } from "../../vision/image.ts";
import { type Box, maskBox } from "../../vision/masks/boxes.ts";
import { nonMaximumSuppression } from "../../vision/masks/nms.ts";
import { removeSmallRegions } from "../../vision/masks/small_regions.ts";

export interface CleanedMask {
  readonly mask: Mask;
  readonly box: Box;
  /** Its index in the given list of masks. */
  readonly source: number;
}

/**
 * Fills holes and drops islands of fewer than `area` pixels. Of masks whose boxes have a higher IoU than `nmsThreshold`,
 * those that had no such region are kept.
 */
export function cleanMasks(masks: readonly Mask[], area: number, nmsThreshold: number): CleanedMask[] {
  const cleaned = masks.map((mask) => {
    const filled = removeSmallRegions(mask, area, "holes");
    const result = removeSmallRegions(filled.mask, area, "islands");
    return { mask: result.mask, changed: filled.changed || result.changed };
  });
  const boxes = cleaned.map(({ mask }) => maskBox(mask));
  const kept = nonMaximumSuppression(boxes, cleaned.map(({ changed }) => changed ? 0 : 1), nmsThreshold);
  return kept.map((source) => ({ mask: cleaned[source].mask, box: boxes[source], source }));
}
