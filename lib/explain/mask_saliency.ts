/** Explanations by masks: the mask of the view that explains a prototype, in the frame of the whole image. */

import { float32, type HostTensor } from "../tensor/host_tensor.ts";
import type { Image } from "../vision/image.ts";
import { cutImage, maskOfCut } from "../vision/masks/cut.ts";
import { decodeRunLengths, type RunLengths } from "../vision/masks/rle.ts";
import type { Size } from "../vision/rectangle.ts";
import { resizeLinear } from "../vision/resize/opencv.ts";

/**
 * For each mask, cuts `image` by it, resizes the result to the frame, and marks the pixels that are not
 * black: [masks, H, W] of 0 and 1.
 */
export function masksInFrame(
  image: Image,
  masks: readonly RunLengths[],
  { width, height }: Size,
): HostTensor<"float32"> {
  const maps = new Float32Array(masks.length * height * width);
  masks.forEach((runs, i) => {
    const cut = resizeLinear(cutImage(image, decodeRunLengths(runs)), width, height);
    maps.set(maskOfCut(cut).data, i * height * width);
  });
  return float32([masks.length, height, width], maps);
}
