/** What becomes of the masks that a generator found in an image: measured, ordered, thin ones dropped, cut out. */

import { type Box, centeringShift, maskArea, maskBox } from "../vision/masks/boxes.ts";
import { type Image, image as newImage, type Mask, mask as newMask } from "../vision/image.ts";

/** A mask that is kept, with the properties that the mask index stores. */
export interface MeasuredMask {
  readonly mask: Mask;
  /** Its place in the generator's list. */
  readonly source: number;
  /** Its share of the image's pixels, 0 … 1. */
  readonly size: number;
  /** Offset in rows and columns that centres the mask. */
  readonly shift: readonly [rows: number, columns: number];
  /** Inclusive corners in pixels. */
  readonly box: Box;
}

/**
 * Whether a box (inclusive corners) is at most two pixels wide or high: the reference implementation drops masks
 * with x1 ≥ x2 − 1 or y1 ≥ y2 − 1.
 */
export function isThin([x1, y1, x2, y2]: Box): boolean {
  return x1 >= x2 - 1 || y1 >= y2 - 1;
}

/** The masks of one image, largest first (equal ones in the generator's order), without thin ones. */
export function arrangeMasks(masks: readonly Mask[]): MeasuredMask[] {
  return masks
    .map((mask, source) => {
      const box = maskBox(mask);
      return {
        mask,
        source,
        size: maskArea(mask) / (mask.width * mask.height),
        shift: centeringShift(box, mask.width, mask.height),
        box,
      };
    })
    .filter(({ box }) => !isThin(box))
    .sort((a, b) => b.size - a.size);
}

/** The name under which the mask of rank `rank` (0 is the largest) is stored. */
export function maskFileName(rank: number): string {
  return `mask_${rank}.png`;
}

/**
 * `image` with every pixel outside `mask` black: the form in which masks are stored as PNG.
 *
 * @throws {RangeError} when the two differ in size.
 */
export function cutImage(image: Image, mask: Mask): Image {
  if (image.width !== mask.width || image.height !== mask.height) {
    throw new RangeError(
      `a mask of ${mask.width} × ${mask.height} does not fit an image of ${image.width} × ${image.height}`,
    );
  }
  const { width, height, channels, order } = image;
  const cut = newImage(width, height, order);
  for (let pixel = 0; pixel < mask.data.length; pixel++) {
    if (mask.data[pixel] === 0) continue;
    for (let at = pixel * channels; at < (pixel + 1) * channels; at++) cut.data[at] = image.data[at];
  }
  return cut;
}

/**
 * The mask in an image that was cut out with it: the pixels with any channel that is not 0. Pixels of the mask that are
 * black in the image are lost, as in the reference implementation.
 */
export function maskOfCut({ width, height, channels, data }: Image): Mask {
  const mask = newMask(width, height);
  for (let i = 0; i < data.length; i++) if (data[i] !== 0) mask.data[Math.floor(i / channels)] = 1;
  return mask;
}
