/** Four-channel images blended over white. */

import { type Image, image, requireOrder } from "./image.ts";

/**
 * An RGBA image over white as RGB: trunc(255 · ((1 − α) + α·c)) with α and c in 0 … 1, in float64 as
 * scikit-image's `rgba2rgb` followed by a cast to uint8.
 *
 * @throws {RangeError} when the image is not RGBA.
 */
export function overWhite(source: Image): Image {
  requireOrder(source, "RGBA");
  const { width, height, data } = source;
  const out = new Uint8Array(width * height * 3);
  for (let from = 0, to = 0; from < data.length; from += 4) {
    const alpha = data[from + 3] * (1 / 255);
    for (let c = 0; c < 3; c++) {
      const value = (1 - alpha) + alpha * (data[from + c] * (1 / 255));
      out[to++] = Math.min(Math.max(value, 0), 1) * 255;
    }
  }
  return image(width, height, "RGB", out);
}
