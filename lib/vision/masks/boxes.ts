/** Boxes of masks: tight corners and the shift that centres a mask. */

import type { Mask } from "../image.ts";

/** [x1, y1, x2, y2] in pixels. A mask's box has inclusive corners; other boxes say what theirs are. */
export type Box = readonly [x1: number, y1: number, x2: number, y2: number];

/**
 * The first and last column and row with a pixel of `mask`, as inclusive corners; [0, 0, 0, 0] for an empty
 * mask, as in the reference implementation.
 */
export function maskBox({ width, height, data }: Mask): Box {
  let x1 = width, x2 = -1, y1 = -1, y2 = -1;
  for (let y = 0; y < height; y++) {
    const row = data.subarray(y * width, (y + 1) * width);
    let first = 0;
    while (first < width && row[first] === 0) first++;
    if (first === width) continue;
    let last = width - 1;
    while (row[last] === 0) last--;
    if (y1 < 0) y1 = y;
    y2 = y;
    if (first < x1) x1 = first;
    if (last > x2) x2 = last;
  }
  return y1 < 0 ? [0, 0, 0, 0] : [x1, y1, x2, y2];
}

/**
 * The offset [rows, columns] that moves the middle of `box` (inclusive corners) to the middle of an image
 * of `width` × `height`; halves are rounded down.
 */
export function centeringShift(box: Box, width: number, height: number): [rows: number, columns: number] {
  const [x1, y1, x2, y2] = box;
  return [
    Math.floor(height / 2) - Math.floor((y2 - y1) / 2 + y1),
    Math.floor(width / 2) - Math.floor((x2 - x1) / 2 + x1),
  ];
}
