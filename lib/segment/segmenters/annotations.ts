/** The methods `annotated` and `patches`: masks that follow from what a data set says of its images. */

import { encodeRunLengths } from "../../vision/masks/rle.ts";
import { type AnnotatedMasks, annotatedMasks } from "../annotated_masks.ts";
import { patchMasks } from "../patches.ts";
import type { Segmenter } from "../segmenter.ts";

/** @param parts the ids of the data set's parts */
export function annotatedSegmenter(of: AnnotatedMasks, parts: readonly number[]): Segmenter {
  return { masks: async (_, sample) => (await annotatedMasks(sample, of, parts)).masks };
}

/** The object's box, split `factor` times along each side. */
export function patchSegmenter(factor: number): Segmenter {
  return {
    masks: ({ width, height }, { box }) =>
      Promise.resolve(
        patchMasks(width, height, box, factor).map((mask) => ({ runs: encodeRunLengths(mask) })),
      ),
  };
}
