/** The crop that precedes a resize. */

import { type Image, image } from "../image.ts";
import type { Rectangle } from "../rectangle.ts";

/** A copy of the pixels in `box`, which must be inside the image. */
export function crop(source: Image, box: Rectangle): Image {
  const { channels, data, order } = source;
  const length = box.width * channels;
  const out = new Uint8Array(length * box.height);
  for (let y = 0; y < box.height; y++) {
    const from = ((box.top + y) * source.width + box.left) * channels;
    out.set(data.subarray(from, from + length), y * length);
  }
  return image(box.width, box.height, order, out);
}
