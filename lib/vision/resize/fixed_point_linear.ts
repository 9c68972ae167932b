/** Linear stretching of uint8 rectangles in OpenCV's fixed-point arithmetic, shared by its linear and area rules. */

import { roundHalfEven } from "../rounding.ts";

/** The lower of two neighbours for every output index, and the weights of both in units of 2⁻¹¹. */
export interface LinearTable {
  /** It may be −1, and its upper neighbour may be beyond the last index. */
  readonly index: Int32Array;
  readonly lower: Int32Array;
  readonly upper: Int32Array;
}

/** A rectangle inside row-major HWC uint8 data. */
export interface Rectangle {
  readonly data: Uint8Array;
  readonly channels: number;
  /** Where its first pixel begins in `data`, and how far its rows are apart. */
  readonly start: number;
  readonly stride: number;
  readonly width: number;
  readonly height: number;
}

/** The table of the given positions: `position(i)` is the float32 source coordinate of output index i. */
export function linearTable(to: number, position: (i: number) => number): LinearTable {
  const table = { index: new Int32Array(to), lower: new Int32Array(to), upper: new Int32Array(to) };
  for (let i = 0; i < to; i++) {
    const at = position(i);
    const index = Math.floor(at);
    const fraction = Math.fround(at - index);
    table.index[i] = index;
    table.lower[i] = roundHalfEven(Math.fround(1 - fraction) * 2048);
    table.upper[i] = roundHalfEven(fraction * 2048);
  }
  return table;
}

/**
 * `table` for the horizontal direction: the fraction is dropped where a neighbour is outside. The last pixel is
 * reached as the upper neighbour of the one before it, so that no read is ever out of bounds.
 */
export function insideTable({ index, lower, upper }: LinearTable, from: number): LinearTable {
  const table = { index: index.slice(), lower: lower.slice(), upper: upper.slice() };
  for (let i = 0; i < index.length; i++) {
    if (index[i] >= 0 && index[i] < from - 1) continue;
    const last = index[i] >= 0 && from > 1;
    table.index[i] = last ? from - 2 : 0;
    table.lower[i] = last ? 0 : 2048;
    table.upper[i] = last ? 2048 : 0;
  }
  return table;
}

/** `source` stretched by `columns` (from `insideTable`) and `rows` (from `linearTable`); HWC uint8. */
export function stretchLinear(source: Rectangle, columns: LinearTable, rows: LinearTable): Uint8Array {
  const length = columns.index.length * source.channels;
  const height = rows.index.length;
  const out = new Uint8Array(length * height);
  const end = source.height - 1;
  let first = new Int16Array(length);
  let second = new Int16Array(length);
  let firstRow = -1;
  let secondRow = -1;
  for (let y = 0; y < height; y++) {
    const wanted = Math.min(Math.max(rows.index[y], 0), end);
    const next = Math.min(Math.max(rows.index[y] + 1, 0), end);
    if (wanted !== firstRow && wanted === secondRow) {
      [first, second] = [second, first];
      [firstRow, secondRow] = [secondRow, firstRow];
    }
    if (wanted !== firstRow) stretchRow(source, wanted, columns, first);
    if (next !== secondRow && next !== wanted) stretchRow(source, next, columns, second);
    firstRow = wanted;
    if (next !== wanted) secondRow = next;
    blendRows(first, next === wanted ? first : second, rows.lower[y], rows.upper[y], out, y * length);
  }
  return out;
}

/** One row stretched horizontally; the sums are kept without their 4 lowest bits, which no later step reads. */
function stretchRow(
  { data, channels, start, stride, width }: Rectangle,
  row: number,
  { index, lower, upper }: LinearTable,
  out: Int16Array,
): void {
  const begin = start + row * stride;
  const step = width > 1 ? channels : 0;
  const count = index.length;
  if (channels === 3) {
    for (let x = 0, to = 0; x < count; x++, to += 3) {
      const from = begin + 3 * index[x];
      const beside = from + step;
      const a0 = lower[x];
      const a1 = upper[x];
      out[to] = (Math.imul(data[from], a0) + Math.imul(data[beside], a1)) >> 4;
      out[to + 1] = (Math.imul(data[from + 1], a0) + Math.imul(data[beside + 1], a1)) >> 4;
      out[to + 2] = (Math.imul(data[from + 2], a0) + Math.imul(data[beside + 2], a1)) >> 4;
    }
    return;
  }
  for (let x = 0, to = 0; x < count; x++) {
    const from = begin + channels * index[x];
    const a0 = lower[x];
    const a1 = upper[x];
    for (let c = 0; c < channels; c++) {
      out[to++] = (Math.imul(data[from + c], a0) + Math.imul(data[from + step + c], a1)) >> 4;
    }
  }
}

function blendRows(
  first: Int16Array,
  second: Int16Array,
  b0: number,
  b1: number,
  out: Uint8Array,
  start: number,
): void {
  for (let i = 0; i < first.length; i++) {
    out[start + i] = ((Math.imul(b0, first[i]) >> 16) + (Math.imul(b1, second[i]) >> 16) + 2) >> 2;
  }
}
