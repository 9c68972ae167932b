/** Linear stretching of uint8 rectangles in OpenCV's fixed-point arithmetic, shared by its linear and area rules. */

import { roundHalfEven } from "../rounding.ts";
import { kernels, regions } from "../simd/kernels.ts";

/** The lower of two neighbours for every output index, and the weights of both in units of 2⁻¹¹. */
export interface LinearTable {
  /** It may be −1, and its upper neighbour may be beyond the last index. */
  readonly index: Int32Array;
  readonly lower: Int32Array;
  readonly upper: Int32Array;
}

/** A rectangle inside row-major HWC uint8 data. */
export interface PixelWindow {
  readonly data: Uint8Array;
  readonly channels: number;
  /** The index of its first pixel in `data`, and the distance of its rows. */
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

/** A table whose neighbours are all inside the source, also in the layout that the RGB kernel reads. */
export interface ColumnTable extends LinearTable {
  readonly packed: Int32Array;
}

/**
 * `table` for the horizontal direction: the fraction is dropped where a neighbour is outside. The last pixel is
 * reached as the upper neighbour of the one before it, so that no read is ever out of bounds.
 */
export function columnTable({ index, lower, upper }: LinearTable, from: number): ColumnTable {
  const count = index.length;
  const packed = new Int32Array(2 * (count + (count & 1)));
  const table = { index: index.slice(), lower: lower.slice(), upper: upper.slice(), packed };
  for (let i = 0; i < count; i++) {
    if (index[i] < 0 || index[i] >= from - 1) {
      const last = index[i] >= 0 && from > 1;
      table.index[i] = last ? from - 2 : 0;
      table.lower[i] = last ? 0 : 2048;
      table.upper[i] = last ? 2048 : 0;
    }
    packed[2 * i] = 3 * table.index[i];
    packed[2 * i + 1] = table.lower[i] | (table.upper[i] << 16);
  }
  return table;
}

/** `source` stretched by `columns` and `rows`; HWC uint8. */
export function stretchLinear(source: PixelWindow, columns: ColumnTable, rows: LinearTable): Uint8Array {
  return source.channels === 3 ? stretchRgb(source, columns, rows) : stretchAny(source, columns, rows);
}

/**
 * Calls `blend` for every output row, with the slots of the two source rows around it. `load` puts a source row
 * into a slot, unless it is there already.
 */
function forEachRow(
  height: number,
  { index }: LinearTable,
  load: (row: number, slot: 0 | 1) => void,
  blend: (y: number, first: 0 | 1, second: 0 | 1) => void,
): void {
  const held = [-1, -1];
  const hold = (row: number, slot: 0 | 1) => {
    if (held[slot] === row) return;
    held[slot] = row;
    load(row, slot);
  };
  for (let y = 0; y < index.length; y++) {
    const row = Math.min(Math.max(index[y], 0), height - 1);
    const next = Math.min(Math.max(index[y] + 1, 0), height - 1);
    const first = held[1] === row ? 1 : 0;
    const second = next === row ? first : first === 0 ? 1 : 0;
    hold(row, first);
    hold(next, second);
    blend(y, first, second);
  }
}

function stretchRgb(source: PixelWindow, columns: ColumnTable, rows: LinearTable): Uint8Array {
  const count = columns.index.length;
  const rowSize = 8 * (count + 3);
  const size = 3 * count * rows.index.length;
  const [input, table, firstSlot, secondSlot, out] = regions(
    3 * source.width,
    4 * columns.packed.length,
    rowSize,
    rowSize,
    size,
  );
  const bytes = new Uint8Array(kernels.memory.buffer);
  new Int32Array(kernels.memory.buffer).set(columns.packed, table / 4);
  const slots = [firstSlot, secondSlot];
  forEachRow(source.height, rows, (row, slot) => {
    const start = source.start + row * source.stride;
    bytes.set(source.data.subarray(start, start + 3 * source.width), input);
    kernels.stretch_row(input, table, slots[slot], slots[slot] + 8 * count);
  }, (y, first, second) => {
    const at = out + 3 * count * y;
    kernels.blend_rows(slots[first], slots[second], rows.lower[y], rows.upper[y], at, at + 3 * count);
  });
  return bytes.slice(out, out + size);
}

/** As {@link stretchLinear}, without the layout of columns that the RGB kernel reads. */
export function stretchAny(source: PixelWindow, columns: LinearTable, rows: LinearTable): Uint8Array {
  const length = columns.index.length * source.channels;
  const out = new Uint8Array(length * rows.index.length);
  const slots = [new Int16Array(length), new Int16Array(length)];
  forEachRow(
    source.height,
    rows,
    (row, slot) => stretchRow(source, row, columns, slots[slot]),
    (y, first, second) =>
      blendRows(slots[first], slots[second], rows.lower[y], rows.upper[y], out, y * length),
  );
  return out;
}

/** One row stretched horizontally; the sums are kept without their 4 lowest bits, which no later step reads. */
function stretchRow(
  { data, channels, start, stride, width }: PixelWindow,
  row: number,
  { index, lower, upper }: LinearTable,
  out: Int16Array,
): void {
  const begin = start + row * stride;
  const step = width > 1 ? channels : 0;
  const count = index.length;
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
