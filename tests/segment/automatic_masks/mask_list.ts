/** A list of masks as text, for comparing lists by their order, bits and scores. */

import type { AutomaticMask } from "../../../lib/segment/automatic_masks/generate_masks.ts";
import { compressRunLengths } from "../../../lib/vision/masks/rle_string.ts";

/** One line a mask. Numbers are written exactly. */
export function maskListText(masks: readonly AutomaticMask[]): string {
  return masks.map(({ runs, ...facts }) => `${JSON.stringify([facts, compressRunLengths(runs)])}\n`).join("");
}
