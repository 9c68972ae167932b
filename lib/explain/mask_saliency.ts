/** Explanations by masks: the mask of the view that explains a prototype, as it lies in the whole image. */

import { cutImage } from "../segment/mask_driver.ts";
import { float32, type HostTensor } from "../tensor/host_tensor.ts";
import type { Image } from "../vision/image.ts";
import { decodeRunLengths, type RunLengths } from "../vision/masks/rle.ts";
import { resizeLinear } from "../vision/resize/opencv.ts";
import type { Size } from "./paste_map.ts";

/**
 * 1 where an image that was cut by its mask is not black, else 0.
 *
 * @param cut channel by channel for each pixel
 */
export function maskOfCut(cut: ArrayLike<number>, channels: number): Uint8Array {
  const mask = new Uint8Array(cut.length / channels);
  for (let i = 0; i < cut.length; i++) if (cut[i] > 0) mask[Math.floor(i / channels)] = 1;
  return mask;
}

/** For each of `masks` where `image` cut by it, and stretched to the frame, is not black: [masks, H, W] of 0 and 1. */
export function masksInFrame(
  image: Image,
  masks: readonly RunLengths[],
  { width, height }: Size,
): HostTensor<"float32"> {
  const maps = new Float32Array(masks.length * height * width);
  masks.forEach((runs, i) => {
    const { data, channels } = resizeLinear(cutImage(image, decodeRunLengths(runs)), width, height);
    maps.set(maskOfCut(data, channels), i * height * width);
  });
  return float32([masks.length, height, width], maps);
}
