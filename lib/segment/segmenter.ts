/** The interface of all segmentation methods: takes an image, returns its masks. */

import type { Sample } from "../data/data_set.ts";
import { decodeImage } from "../vision/decode.ts";
import type { Image } from "../vision/image.ts";
import { type FoundMask, type MaskSet, maskSet } from "./mask_set.ts";
import { isThin } from "./measure.ts";

/** An image of a data set, with those of its annotations that the method's facts name. */
export interface SegmentedSample
  extends Pick<Sample, "id" | "name" | "path">, Partial<Pick<Sample, "box" | "segmentation" | "partMask">> {
  /** The ids of the data set's parts. */
  readonly partIds?: readonly number[];
}

/** A segmentation method, ready to run: data that all images share, such as a model, is loaded. */
export interface Segmenter {
  masks(image: Image, sample: SegmentedSample): Promise<readonly FoundMask[]>;
}

/**
 * The masks of a sample, largest first (equal ones in the method's order), without those with a box at most two
 * pixels wide or high. The image is decoded as RGB, uncropped, at its own resolution. The set is empty if the method
 * finds nothing.
 *
 * @throws {ImageError} when the image can't be read.
 * @throws {RangeError} when a mask differs in size from the image.
 */
export async function segmentSample(sample: SegmentedSample, segmenter: Segmenter): Promise<MaskSet> {
  const image = await decodeImage(sample.path);
  const { width, height } = image;
  const set = maskSet({ name: sample.name, width, height }, await segmenter.masks(image, sample));
  return { ...set, masks: set.masks.filter(({ box }) => !isThin(box)) };
}
