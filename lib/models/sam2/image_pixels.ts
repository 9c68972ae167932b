/** SAM 2's input: an image resized to a square and normalised. */

import { float32, type HostTensor } from "../../tensor/host_tensor.ts";
import { type ChannelOrder, type Image, requireOrder } from "../../vision/image.ts";
import { IMAGENET } from "../../vision/normalize.ts";
import { interpolate } from "../../vision/resize/torch.ts";

/**
 * The input [1, 3, size, size] of an RGB image: v/255, resized to a square by bilinear interpolation with
 * antialiasing, then (v − mean)/std per channel.
 *
 * @param order the channel order: the model was trained with "RGB"; "BGR" exchanges red and blue, like the
 * reference implementation
 * @throws {RangeError} if the image is not RGB.
 */
export function imagePixels(image: Image, size: number, order: ChannelOrder = "RGB"): HostTensor<"float32"> {
  requireOrder(image, "RGB");
  const { width, height, data } = image;
  const area = width * height;
  const planes = new Float32Array(3 * area);
  for (let c = 0; c < 3; c++) {
    const channel = order === "RGB" ? c : 2 - c;
    for (let i = 0; i < area; i++) planes[c * area + i] = data[3 * i + channel] / 255;
  }
  const resized = interpolate(float32([3, height, width], planes), size, size, "bilinear-antialias");
  const side = size * size;
  for (let c = 0; c < 3; c++) {
    const [mean, std] = [Math.fround(IMAGENET.mean[c]), Math.fround(IMAGENET.std[c])];
    for (let i = c * side; i < (c + 1) * side; i++) {
      resized.data[i] = Math.fround(resized.data[i] - mean) / std;
    }
  }
  return float32([1, 3, size, size], resized.data);
}
