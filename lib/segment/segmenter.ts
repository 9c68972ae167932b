/** One interface for all ways to segment: an image in, its masks out, measured and the largest first. */

import type { Sample } from "../data/data_set.ts";
import { decodeImage } from "../vision/decode.ts";
import type { Image } from "../vision/image.ts";
import { runLengthArea, runLengthBox, type RunLengths } from "../vision/masks/rle.ts";
import { isThin } from "./mask_driver.ts";
import type { MaskSet, SetMask } from "./mask_set.ts";

/** A mask as a method found it, at the image's size. */
export interface FoundMask {
  readonly runs: RunLengths;
  /** Scores of the method for the mask, such as `predicted_iou`. */
  readonly scores?: Readonly<Record<string, number>>;
}

/** A segmentation method, ready to run: data shared by all images, such as a model, is loaded. */
export interface Segmenter {
  /** @param sample the image's entry in the data set, for methods that read annotations */
  masks(image: Image, sample: Sample): Promise<readonly FoundMask[]>;
}

/**
 * The masks of a sample, largest first (equal ones in the method's order), without those with a box at most two
 * pixels wide or high. The image is decoded as RGB, uncropped, at its own resolution. The set is empty if the method
 * finds nothing.
 *
 * @throws {ImageError} when the image can't be read.
 * @throws {RangeError} when a mask differs in size from the image.
 */
export async function segmentSample(sample: Sample, segmenter: Segmenter): Promise<MaskSet> {
  const image = await decodeImage(sample.path);
  const { width, height } = image;
  const found = await segmenter.masks(image, sample);
  const masks = found.flatMap(({ runs, scores = {} }): SetMask[] => {
    if (runs.width !== width || runs.height !== height) {
      throw new RangeError(
        `a mask of ${runs.width} × ${runs.height} does not fit ${sample.name}, an image of ${width} × ${height}`,
      );
    }
    const box = runLengthBox(runs);
    return box && !isThin(box) ? [{ runs, area: runLengthArea(runs), box, scores }] : [];
  });
  return { image: sample.name, width, height, masks: masks.sort((a, b) => b.area - a.area) };
}
