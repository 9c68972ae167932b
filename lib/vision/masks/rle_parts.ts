/** Parts of run lengths, without decoding the whole mask: a rectangle, a pixel, samples at some rows and columns. */

import type { Rectangle } from "../rectangle.ts";
import { type Mask, mask as newMask } from "../image.ts";
import type { RunLengths } from "./rle.ts";

/** The run lengths of a mask that is 1 in the columns from `left` to `right` and rows from `top` to `bottom`, ends exclusive. */
export function rectangleRunLengths(
  width: number,
  height: number,
  [left, top, right, bottom]: readonly [left: number, top: number, right: number, bottom: number],
): RunLengths {
  if (right <= left || bottom <= top) return { width, height, counts: Uint32Array.of(width * height) };
  const [start, end] = [left * height + top, (right - 1) * height + bottom];
  const isWhole = bottom - top === height;
  const columns = isWhole ? 1 : right - left;
  const counts = new Uint32Array(2 * columns + (end < width * height ? 1 : 0));
  counts[0] = start;
  for (let column = 0; column < columns; column++) {
    if (column > 0) counts[2 * column] = height - (bottom - top);
    counts[2 * column + 1] = isWhole ? end - start : bottom - top;
  }
  if (end < width * height) counts[2 * columns] = width * height - end;
  return { width, height, counts };
}

/** Calls `visit` for every column with pixels that are 1: with its number and a range of rows, the end exclusive. */
function forEachSegment(
  { height, counts }: RunLengths,
  visit: (column: number, top: number, bottom: number) => void,
): void {
  let position = 0;
  for (let i = 0; i < counts.length; i++) {
    const end = position + counts[i];
    if (i % 2 === 1 && end > position) {
      let column = Math.floor(position / height);
      let top = position - column * height;
      for (let left = end - position; left > 0; column++, top = 0) {
        const bottom = Math.min(top + left, height);
        visit(column, top, bottom);
        left -= bottom - top;
      }
    }
    position = end;
  }
}

/** The part of a mask in a rectangle, which lies inside it. */
export function decodeRectangle(runs: RunLengths, { left, top, width, height }: Rectangle): Mask {
  const part = newMask(width, height);
  forEachSegment(runs, (column, first, end) => {
    const x = column - left;
    if (x < 0 || x >= width) return;
    const last = Math.min(end - top, height);
    for (let y = Math.max(first - top, 0), at = y * width + x; y < last; y++, at += width) part.data[at] = 1;
  });
  return part;
}

/** Whether the pixel in column x and row y is 1. */
export function isSetAt({ height, counts }: RunLengths, x: number, y: number): boolean {
  const wanted = x * height + y;
  let end = 0;
  for (let i = 0; i < counts.length; i++) {
    end += counts[i];
    if (wanted < end) return i % 2 === 1;
  }
  return false;
}

/** The pixels of a mask in the given columns and rows, row by row; they may be in any order and occur repeatedly. */
export function sampleRunLengths(runs: RunLengths, columns: Int32Array, rows: Int32Array): Uint8Array {
  const [columnsBefore, rowsBefore] = [countsBefore(columns, runs.width), countsBefore(rows, runs.height)];
  const height = rowsBefore[runs.height];
  const kept = new Uint8Array(columnsBefore[runs.width] * height);
  forEachSegment(runs, (column, top, bottom) => {
    const slot = columnsBefore[column];
    if (columnsBefore[column + 1] === slot) return;
    kept.fill(1, slot * height + rowsBefore[top], slot * height + rowsBefore[bottom]);
  });
  const samples = new Uint8Array(columns.length * rows.length);
  for (let i = 0; i < columns.length; i++) {
    const start = columnsBefore[columns[i]] * height;
    for (let j = 0, at = i; j < rows.length; j++, at += columns.length) {
      samples[at] = kept[start + rowsBefore[rows[j]]];
    }
  }
  return samples;
}

/** For every index up to `length` how many of the wanted ones are before it. */
function countsBefore(wanted: Int32Array, length: number): Int32Array {
  const counts = new Int32Array(length + 1);
  for (let i = 0; i < wanted.length; i++) counts[wanted[i] + 1] = 1;
  for (let i = 0; i < length; i++) counts[i + 1] += counts[i];
  return counts;
}
