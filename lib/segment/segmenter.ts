/** The interface of all segmentation methods: takes an image, returns its masks. */

import type { Sample } from "../data/data_set.ts";
import { decodeImage } from "../vision/decode.ts";
import type { Image } from "../vision/image.ts";
import { type FoundMask, type MaskSet, maskSet } from "./mask_set.ts";
import { isThin } from "./measure.ts";

/** A segmentation method, ready to run: data that all images share, such as a model, is loaded. */
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
  const set = maskSet({ name: sample.name, width, height }, await segmenter.masks(image, sample));
  return { ...set, masks: set.masks.filter(({ box }) => !isThin(box)) };
}
