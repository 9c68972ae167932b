/** The method `contour`: what the contours of an image enclose, without a model. */

import { encodeRunLengths } from "../../vision/masks/rle.ts";
import { contourMasks, type ContourOptions } from "../contour/contour_masks.ts";
import type { Segmenter } from "../segmenter.ts";

/** A segmenter that cuts an image along its contours; needs no network. */
export function contourSegmenter(options: ContourOptions): Segmenter {
  return {
    masks: (image) =>
      Promise.resolve(contourMasks(image, options).map((mask) => ({ runs: encodeRunLengths(mask) }))),
  };
}
