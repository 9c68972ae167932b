/** Measures and orders the masks that a generator found in an image, drops thin ones, and names the rest. */

import type { Mask } from "../vision/image.ts";
import { type Box, centeringShift } from "../vision/masks/boxes.ts";
import { encodeRunLengths } from "../vision/masks/rle.ts";
import { isThin, measureMasks } from "./measure.ts";

/** A mask that is kept, with the properties that the mask index stores. */
export interface MeasuredMask {
  readonly mask: Mask;
  /** Its index in the generator's list. */
  readonly source: number;
  /** Its share of the image's pixels, 0 … 1. */
  readonly size: number;
  /** Offset in rows and columns that centres the mask. */
  readonly shift: readonly [rows: number, columns: number];
  /** Inclusive corners in pixels. */
  readonly box: Box;
}

/** The masks of one image, largest first (equal ones in the generator's order), without thin ones. */
export function arrangeMasks(masks: readonly Mask[]): MeasuredMask[] {
  return measureMasks(masks.map((mask, source) => ({ mask, source, runs: encodeRunLengths(mask) })))
    .filter(({ box }) => !isThin(box))
    .map(({ mask, source, area, box }) => ({
      mask,
      source,
      size: area / (mask.width * mask.height),
      shift: centeringShift(box, mask.width, mask.height),
      box,
    }));
}

/** The name under which the mask of rank `rank` (0 is the largest) is stored. */
export function maskFileName(rank: number): string {
  return `mask_${rank}.png`;
}
