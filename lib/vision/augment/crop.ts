/** The box crop that precedes the resize. */

import { type Image, image } from "../image.ts";
import type { Rectangle } from "../rectangle.ts";

/**
 * The pixels that the reference implementation cuts out for a box (x1, y1, x2, y2): edges are clamped to the
 * image, right and lower ones to w − 1 and h − 1, and truncated; the ends are exclusive. So a box that reaches
 * the right or lower border loses the last column or row, and so does a box with inclusive ends.
 *
 * @throws {RangeError} when the box is empty after that.
 */
export function cropBox(
  [x1, y1, x2, y2]: readonly number[],
  { width, height }: { readonly width: number; readonly height: number },
): Rectangle {
  const left = Math.trunc(Math.max(0, x1));
  const top = Math.trunc(Math.max(0, y1));
  const right = Math.trunc(x2 >= width ? width - 1 : x2);
  const bottom = Math.trunc(y2 >= height ? height - 1 : y2);
  if (!(right > left && bottom > top)) {
    throw new RangeError(
      `the box (${x1}, ${y1}, ${x2}, ${y2}) contains no pixel of an image of ${width} × ${height}`,
    );
  }
  return { left, top, width: right - left, height: bottom - top };
}

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
