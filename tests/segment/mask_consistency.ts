/** The consistency of the masks of some images. */

import type { PartPoint } from "../../lib/data/data_set.ts";
import type { Fidelity } from "../../lib/fidelity.ts";
import {
  type ClassConsistency,
  patternConsistency,
  runLengthPatterns,
} from "../../lib/segment/consistency.ts";
import type { Mask } from "../../lib/vision/image.ts";
import { encodeRunLengths } from "../../lib/vision/masks/rle.ts";

/** One image: its class, its masks (all of one size) and its visible parts. */
export interface ConsistencyImage {
  readonly label: number;
  readonly masks: readonly Mask[];
  readonly parts: readonly PartPoint[];
}

/** The patterns of each image, and how often they recur in their class. */
export function maskConsistency(
  images: readonly ConsistencyImage[],
  classCount: number,
  fidelity: Fidelity,
): ClassConsistency & { readonly patterns: readonly (readonly number[])[] } {
  const slots = Math.max(0, ...images.map(({ parts }) => parts.length));
  const patterns = images.map(({ masks, parts }) =>
    runLengthPatterns(masks.map(encodeRunLengths), parts, slots)[fidelity]
  );
  return { patterns, ...patternConsistency(patterns, images.map(({ label }) => label), classCount) };
}
