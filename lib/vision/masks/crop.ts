/** Masks, boxes and points of a crop, and their places in the image that the crop was taken from. */

import { type Mask, mask as newMask } from "../image.ts";
import type { Box } from "./boxes.ts";
import { type RunLengths, runLengths } from "./rle.ts";

/**
 * Whether a box (in crop coordinates) ends within `tolerance` pixels of an edge of the crop that is not within
 * `tolerance` of the same edge of the image, by float32: the object it bounds is then likely cut off by the crop.
 *
 * @param crop,image corners [x0, y0, x1, y1] in image coordinates
 */
export function isNearCropEdge(box: Box, crop: Box, image: Box, tolerance: number): boolean {
  return uncropBox(box, crop).some((value, i) =>
    distance(value, crop[i]) <= tolerance && distance(value, image[i]) > tolerance
  );
}

/** Converts a box in a crop to image coordinates; `crop` has the corners of the crop. */
export function uncropBox(box: Box, crop: Box): Box {
  const [left, top] = crop;
  return [box[0] + left, box[1] + top, box[2] + left, box[3] + top];
}

/** Converts a point in a crop to image coordinates; `crop` has the corners of the crop. */
export function uncropPoint(point: readonly [x: number, y: number], crop: Box): [x: number, y: number] {
  return [point[0] + crop[0], point[1] + crop[1]];
}

/**
 * Places the mask of a crop in a mask of `width` × `height` that is 0 elsewhere; `crop` has the corners of the crop.
 *
 * @throws {RangeError} when the mask does not fit the crop or the crop does not lie in the image.
 */
export function uncropMask(mask: Mask, crop: Box, width: number, height: number): Mask {
  requireFit(mask, crop, width, height);
  const [left, top] = crop;
  const uncropped = newMask(width, height);
  for (let y = 0; y < mask.height; y++) {
    const row = mask.data.subarray(y * mask.width, (y + 1) * mask.width);
    uncropped.data.set(row, (top + y) * width + left);
  }
  return uncropped;
}

/**
 * {@link uncropMask} of run lengths; takes time in proportion to the runs and columns, not to the pixels.
 *
 * @throws {RangeError} when the mask does not fit the crop or the crop does not lie in the image.
 */
export function uncropRunLengths(runs: RunLengths, crop: Box, width: number, height: number): RunLengths {
  requireFit(runs, crop, width, height);
  if (runs.width === width && runs.height === height) return runs;
  const [left, top] = crop;
  const counts: number[] = [];
  let end = 0;
  let position = 0;
  const append = (start: number, length: number) => {
    if (start === end && counts.length > 0) counts[counts.length - 1] += length;
    else counts.push(start - end, length);
    end = start + length;
  };
  runs.counts.forEach((count, i) => {
    const last = position + count;
    while (i % 2 === 1 && position < last) {
      const column = Math.floor(position / runs.height);
      const row = position - column * runs.height;
      const length = Math.min(last - position, runs.height - row);
      append((left + column) * height + top + row, length);
      position += length;
    }
    position = last;
  });
  if (end < width * height) counts.push(width * height - end);
  return runLengths(width, height, counts);
}

function requireFit(
  mask: { readonly width: number; readonly height: number },
  [left, top, right, bottom]: Box,
  width: number,
  height: number,
): void {
  if (mask.width !== right - left || mask.height !== bottom - top) {
    throw new RangeError(
      `a mask of ${mask.width} × ${mask.height} does not fit the crop [${[left, top, right, bottom]}]`,
    );
  }
  if (left < 0 || top < 0 || right > width || bottom > height) {
    throw new RangeError(
      `the crop [${[left, top, right, bottom]}] does not lie in an image of ${width} × ${height}`,
    );
  }
}

function distance(a: number, b: number): number {
  return Math.abs(Math.fround(Math.fround(a) - b));
}
