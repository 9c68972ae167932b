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
  const plane = float32([1, height, width], new Float32Array(area));
  const side = size * size;
  const pixels = new Float32Array(3 * side);
  for (let c = 0; c < 3; c++) {
    const channel = order === "RGB" ? c : 2 - c;
    for (let i = 0; i < area; i++) plane.data[i] = data[3 * i + channel] / 255;
    const resized = interpolate(plane, size, size, "bilinear-antialias").data;
    const [mean, std] = [Math.fround(IMAGENET.mean[c]), Math.fround(IMAGENET.std[c])];
    for (let i = 0; i < side; i++) pixels[c * side + i] = Math.fround(resized[i] - mean) / std;
  }
  return float32([1, 3, size, size], pixels);
}
