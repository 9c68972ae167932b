/** Computes the pixels that a crop to a box takes from an image. */

import type { Fidelity } from "../../fidelity.ts";
import { type Image, image as newImage } from "../../vision/image.ts";
import type { Box } from "../../vision/masks/boxes.ts";
import type { Rectangle } from "../../vision/rectangle.ts";

/**
 * The pixels that a crop to an object's box takes. Corners are clamped to the image and truncated.
 * `reference`: x2 ≥ width becomes width − 1, and then columns ⌊x1⌋ … ⌊x2⌋ − 1 are taken; `intended`: columns
 * ⌊x1⌋ … ⌊min(x2, width)⌋ − 1. Rows are treated in the same way.
 *
 * @param box corners in pixels; x2 and y2 are exclusive
 * @throws {RangeError} if the crop is empty.
 */
export function objectRectangle(box: Box, width: number, height: number, fidelity: Fidelity): Rectangle {
  const left = Math.trunc(Math.max(0, box[0]));
  const top = Math.trunc(Math.max(0, box[1]));
  const right = Math.trunc(clampEnd(box[2], width, fidelity));
  const bottom = Math.trunc(clampEnd(box[3], height, fidelity));
  if (!(right > left && bottom > top)) {
    throw new RangeError(`the box [${box}] leaves no pixel of an image of ${width} × ${height}`);
  }
  return { left, top, width: right - left, height: bottom - top };
}

/**
 * The pixels that a crop to a mask's box takes: the reference implementation treats its inclusive corners as those
 * of an object's box and so loses the last row and column; `intended` keeps them.
 *
 * @param box inclusive corners in pixels
 * @throws {RangeError} if the crop is empty.
 */
export function maskRectangle(box: Box, width: number, height: number, fidelity: Fidelity): Rectangle {
  if (fidelity === "reference") return objectRectangle(box, width, height, fidelity);
  return objectRectangle([box[0], box[1], box[2] + 1, box[3] + 1], width, height, fidelity);
}

function clampEnd(end: number, length: number, fidelity: Fidelity): number {
  return end < length ? end : fidelity === "reference" ? length - 1 : length;
}

/** A copy of a rectangle of `source`, which must lie inside it. */
export function cropImage(source: Image, { left, top, width, height }: Rectangle): Image {
  const { channels, order } = source;
  const cropped = newImage(width, height, order);
  for (let y = 0; y < height; y++) {
    const from = ((top + y) * source.width + left) * channels;
    cropped.data.set(source.data.subarray(from, from + width * channels), y * width * channels);
  }
  return cropped;
}

/**
 * Enlarges `box` if its area (x2 − x1)(y2 − y1) is below `share` of the image's area: its sides become ⌊width
 * · share⌋ and ⌊height · share⌋ around the same centre, clamped to the image. `share` is thus applied to each
 * side, not to the area, as in the reference implementation. A share of 0 returns `box` unchanged.
 *
 * @param box corners in pixels; x2 and y2 of an enlarged box are exclusive
 */
export function expandBox(box: Box, width: number, height: number, share: number): Box {
  const [x1, y1, x2, y2] = box;
  if ((x2 - x1) * (y2 - y1) / (width * height) >= share) return box;
  const newWidth = Math.trunc(width * share);
  const newHeight = Math.trunc(height * share);
  const left = Math.max(0, x1 - Math.floor((newWidth - (x2 - x1)) / 2));
  const top = Math.max(0, y1 - Math.floor((newHeight - (y2 - y1)) / 2));
  return [left, top, Math.min(width, left + newWidth), Math.min(height, top + newHeight)];
}
