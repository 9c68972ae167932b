/** COCO run-length encoding of masks: column-major run lengths, the first run counting zeros. */

import { type Box, maskBox } from "./boxes.ts";
import { type Mask, mask as newMask } from "../image.ts";

/** A mask as alternating runs of zeros and ones, column after column; the first run counts zeros and may be 0. */
export interface RunLengths {
  readonly width: number;
  readonly height: number;
  readonly counts: Uint32Array;
}

/** Run lengths, or a string of them, that do not describe a mask of the stated size. */
export class RunLengthError extends Error {
  override name = "RunLengthError";
}

const MAX_PIXELS = 2 ** 31 - 1;

/**
 * Run lengths over `counts`, checked: every count a non-negative integer, their sum height · width.
 *
 * @throws {RunLengthError}
 */
export function runLengths(width: number, height: number, counts: ArrayLike<number>): RunLengths {
  for (const [name, value] of Object.entries({ width, height })) {
    if (!Number.isInteger(value) || value < 0) {
      throw new RunLengthError(`a mask's ${name} must be a non-negative integer, but ${value} was given`);
    }
  }
  if (width * height > MAX_PIXELS) {
    throw new RunLengthError(`a mask of ${width} × ${height} has more than ${MAX_PIXELS} pixels`);
  }
  let sum = 0;
  for (let i = 0; i < counts.length; i++) {
    const count = counts[i];
    if (!Number.isInteger(count) || count < 0) {
      throw new RunLengthError(`run ${i} has the length ${count}; a length is a non-negative integer`);
    }
    sum += count;
  }
  if (sum !== width * height) {
    throw new RunLengthError(
      `the runs cover ${sum} pixels, but a mask of ${width} × ${height} has ${width * height}`,
    );
  }
  return { width, height, counts: Uint32Array.from(counts) };
}

/**
 * The run lengths of `mask`; every non-zero byte counts as 1.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { mask } from "../image.ts";
 * import { decodeRunLengths, encodeRunLengths } from "./rle.ts";
 *
 * const shown = mask(3, 2, Uint8Array.from([0, 1, 1, 0, 1, 0])); // two rows of three pixels
 * const runs = encodeRunLengths(shown);
 * assert.deepEqual([...runs.counts], [2, 3, 1]); // column by column
 * assert.deepEqual(decodeRunLengths(runs), shown);
 * ```
 */
export function encodeRunLengths(mask: Mask): RunLengths {
  const { width, height, data } = mask;
  const counts: number[] = [];
  // Rows are next to each other in memory, columns are not: only those with a pixel are read.
  const [left, top, right, bottom] = maskBox(mask);
  let value = 0;
  let from = 0;
  for (let x = left; x <= right; x++) {
    const offset = x * height;
    if (value === 1 && top > 0) {
      counts.push(offset - from);
      from = offset;
      value = 0;
    }
    for (let y = top, i = top * width + x; y <= bottom && i < data.length; y++, i += width) {
      if ((data[i] !== 0 ? 1 : 0) === value) continue;
      counts.push(offset + y - from);
      from = offset + y;
      value ^= 1;
    }
    if (value === 1 && bottom < height - 1) {
      counts.push(offset + bottom + 1 - from);
      from = offset + bottom + 1;
      value = 0;
    }
  }
  if (value === 1 && right < width - 1) {
    counts.push((right + 1) * height - from);
    from = (right + 1) * height;
  }
  if (from < width * height || counts.length === 0) counts.push(width * height - from);
  return { width, height, counts: Uint32Array.from(counts) };
}

/** The mask that `runs` describe. */
export function decodeRunLengths(runs: RunLengths): Mask {
  const { width, height, counts } = runs;
  const mask = newMask(width, height);
  const data = mask.data;
  let position = 0;
  for (let i = 0; i < counts.length; i++) {
    const end = position + counts[i];
    if (i % 2 === 1 && end > position) {
      let y = position % height;
      let at = y * width + (position - y) / height;
      for (let p = position; p < end; p++) {
        data[at] = 1;
        at += width;
        if (++y === height) {
          y = 0;
          at += 1 - width * height;
        }
      }
    }
    position = end;
  }
  return mask;
}

/** The number of pixels that are 1. */
export function runLengthArea(runs: RunLengths): number {
  let area = 0;
  for (let i = 1; i < runs.counts.length; i += 2) area += runs.counts[i];
  return area;
}

/** The inclusive corners [x1, y1, x2, y2], in pixels, of the box around all set pixels; undefined if none is set. */
export function runLengthBox(runs: RunLengths): Box | undefined {
  const { height, counts } = runs;
  let x1 = Infinity, y1 = Infinity, x2 = -1, y2 = -1;
  let position = 0;
  for (let i = 0; i < counts.length; i++) {
    if (i % 2 === 1 && counts[i] > 0) {
      const last = position + counts[i] - 1;
      const [firstColumn, lastColumn] = [Math.floor(position / height), Math.floor(last / height)];
      x1 = Math.min(x1, firstColumn);
      x2 = Math.max(x2, lastColumn);
      // A run that enters the next column covers the last row of one and the first row of the other.
      y1 = Math.min(y1, firstColumn === lastColumn ? position % height : 0);
      y2 = Math.max(y2, firstColumn === lastColumn ? last % height : height - 1);
    }
    position += counts[i];
  }
  return x2 < 0 ? undefined : [x1, y1, x2, y2];
}

/** The number of pixels that are 1 in both. Takes time in proportion to the runs, not to the pixels. */
export function runLengthIntersection(a: RunLengths, b: RunLengths): number {
  if (a.width !== b.width || a.height !== b.height) {
    throw new RangeError(
      `masks of one size are needed, but ${a.width} × ${a.height} and ${b.width} × ${b.height} were given`,
    );
  }
  let i = 0, j = 0;
  let leftA = a.counts[0] ?? 0, leftB = b.counts[0] ?? 0;
  let shared = 0;
  while (i < a.counts.length && j < b.counts.length) {
    const step = Math.min(leftA, leftB);
    if (i & j & 1) shared += step;
    leftA -= step;
    leftB -= step;
    if (leftA === 0) leftA = a.counts[++i];
    if (leftB === 0) leftB = b.counts[++j];
  }
  return shared;
}
