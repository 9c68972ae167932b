/** Grey from RGB, by OpenCV's rule on bytes and by scikit-image's on floats. */

import { float32, type HostTensor } from "../../tensor/host_tensor.ts";
import { type Image, image, requireOrder } from "../image.ts";

/** OpenCV's grey of one pixel: weights 0.299, 0.587, 0.114 in units of 2⁻¹⁵, rounded. */
export function grayLevel(red: number, green: number, blue: number): number {
  return (Math.imul(9798, red) + Math.imul(19235, green) + Math.imul(3735, blue) + 16384) >> 15;
}

/**
 * An RGB image as grey, as `cv2.cvtColor(…, COLOR_RGB2GRAY)`.
 *
 * @throws {RangeError} when the image is not RGB.
 */
export function grayOfRgb(source: Image): Image {
  requireOrder(source, "RGB");
  const { width, height, data } = source;
  const out = new Uint8Array(width * height);
  for (let i = 0, from = 0; i < out.length; i++, from += 3) {
    out[i] = grayLevel(data[from], data[from + 1], data[from + 2]);
  }
  return image(width, height, "GRAY", out);
}

/**
 * An RGB image as a map [H, W] of luminance 0 … 1, as scikit-image's `rgb2gray`: weights 0.2125, 0.7154, 0.0721.
 *
 * @throws {RangeError} when the image is not RGB.
 */
export function grayOfRgbFloat(source: Image): HostTensor<"float32"> {
  requireOrder(source, "RGB");
  const { width, height, data } = source;
  const out = new Float32Array(width * height);
  for (let i = 0, from = 0; i < out.length; i++, from += 3) {
    out[i] = (0.2125 * data[from] + 0.7154 * data[from + 1] + 0.0721 * data[from + 2]) / 255;
  }
  return float32([height, width], out);
}
