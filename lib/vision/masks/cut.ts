/** Images cut out by a mask, and the mask that such an image shows. */

import { type Image, image as newImage, type Mask, mask as newMask } from "../image.ts";

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

/** An image that was cut by a mask; its values need not be bytes. */
export type CutImage = Pick<Image, "width" | "height" | "channels"> & { readonly data: ArrayLike<number> };

/**
 * The mask in an image that was cut out with it: the pixels with any channel above 0. Pixels of the mask that are black
 * in the image are lost, as in the reference implementation.
 *
 * @param cut row-major, channel by channel for each pixel
 */
export function maskOfCut({ width, height, channels, data }: CutImage): Mask {
  const mask = newMask(width, height);
  for (let i = 0; i < data.length; i++) if (data[i] > 0) mask.data[Math.floor(i / channels)] = 1;
  return mask;
}
