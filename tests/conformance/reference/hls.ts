/** RGB to hue, lightness, saturation, in OpenCV's byte scaling. */

import { type Image, image, requireOrder } from "../../../lib/vision/image.ts";

/**
 * As `cv2.cvtColor(…, COLOR_RGB2HLS)`, to one level.
 *
 * @throws {RangeError} when the image is not RGB.
 */
export function hlsOfRgb(source: Image): Image {
  requireOrder(source, "RGB");
  const { width, height, data } = source;
  const out = new Uint8ClampedArray(data.length);
  for (let i = 0; i < data.length; i += 3) {
    const red = data[i] / 255;
    const green = data[i + 1] / 255;
    const blue = data[i + 2] / 255;
    const most = Math.max(red, green, blue);
    const least = Math.min(red, green, blue);
    const range = most - least;
    const lightness = (most + least) / 2;
    out[i + 1] = lightness * 255;
    if (range === 0) continue;
    const degrees = most === red
      ? (60 * (green - blue)) / range
      : most === green
      ? (60 * (blue - red)) / range + 120
      : (60 * (red - green)) / range + 240;
    out[i] = (degrees < 0 ? degrees + 360 : degrees) / 2;
    out[i + 2] = (lightness < 0.5 ? range / (most + least) : range / (2 - most - least)) * 255;
  }
  return image(width, height, "HLS", new Uint8Array(out.buffer));
}
