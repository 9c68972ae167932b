/** OpenCV's linear and nearest-neighbour resize of uint8 images, bit for bit. */

import { type Image, image, type Mask, mask } from "../image.ts";
import { rememberTables } from "./table_cache.ts";
import { checkSizes } from "./size.ts";

/**
 * `source` stretched to `width` × `height` as by `cv2.resize(…, INTER_LINEAR)`, which has no antialiasing.
 *
 * Source coordinate (x + ½)·w/W − ½; weights in units of 2⁻¹¹; the horizontal sums, shifted right by 4, are
 * multiplied by the vertical weights, shifted right by 16 and rounded by (… + 2) >> 2. The source itself is
 * returned where it has the size already.
 *
 * @throws {RangeError} when a side is not a positive integer.
 */
export function resizeLinear(source: Image, width: number, height: number): Image {
  checkSizes(source, width, height);
  if (source.width === width && source.height === height) return source;
  const { channels, order } = source;
  const data = new Uint8Array(width * height * channels);
  stretchLinear(
    source.data,
    source.width,
    source.height,
    channels,
    0,
    source.width * channels,
    width,
    height,
    data,
  );
  return image(width, height, order, data);
}

/**
 * The rectangle of `source` from (`left`, `top`) with the given sides, stretched as by `resizeLinear`, without a
 * copy of the rectangle in between.
 *
 * @throws {RangeError} when the rectangle is empty or not inside the image, or a side is not a positive integer.
 */
export function cropResizeLinear(
  source: Image,
  box: { left: number; top: number; width: number; height: number },
  width: number,
  height: number,
): Image {
  checkSizes(box, width, height);
  if (
    box.left < 0 || box.top < 0 || box.left + box.width > source.width || box.top + box.height > source.height
  ) {
    throw new RangeError(
      `the rectangle ${box.width} × ${box.height} at (${box.left}, ${box.top}) is not inside an image of ` +
        `${source.width} × ${source.height}`,
    );
  }
  const { channels, order } = source;
  const stride = source.width * channels;
  const start = box.top * stride + box.left * channels;
  const data = new Uint8Array(width * height * channels);
  stretchLinear(source.data, box.width, box.height, channels, start, stride, width, height, data);
  return image(width, height, order, data);
}

/**
 * `source` stretched to `width` × `height` as by `cv2.resize(…, INTER_NEAREST)`: source column
 * min(⌊x · (1 / (W / w))⌋, w − 1), with no half-pixel shift.
 *
 * @throws {RangeError} when a side is not a positive integer.
 */
export function resizeNearest(source: Image, width: number, height: number): Image {
  checkSizes(source, width, height);
  if (source.width === width && source.height === height) return source;
  const { channels, order } = source;
  const data = new Uint8Array(width * height * channels);
  const columns = nearestTable(source.width, width);
  const rows = nearestTable(source.height, height);
  for (let y = 0, to = 0; y < height; y++) {
    const row = rows[y] * source.width;
    for (let x = 0; x < width; x++) {
      const from = (row + columns[x]) * channels;
      for (let c = 0; c < channels; c++) data[to++] = source.data[from + c];
    }
  }
  return image(width, height, order, data);
}

/** `resizeLinear` of a mask: 0 and 1 rounded in OpenCV's integers, so the result is 0 or 1 as well. */
export function resizeMaskLinear(source: Mask, width: number, height: number): Mask {
  return asMask(resizeLinear(asGray(source), width, height));
}

/** `resizeNearest` of a mask. */
export function resizeMaskNearest(source: Mask, width: number, height: number): Mask {
  return asMask(resizeNearest(asGray(source), width, height));
}

function asGray(source: Mask): Image {
  return image(source.width, source.height, "GRAY", source.data);
}

function asMask(source: Image): Mask {
  return mask(source.width, source.height, source.data);
}

interface LinearTable {
  /** The lower source index; for the vertical direction it may be −1 or beyond the last one. */
  readonly index: Int32Array;
  readonly lower: Int32Array;
  readonly upper: Int32Array;
}

const linearTable = rememberTables((from: number, to: number): LinearTable => {
  const table = { index: new Int32Array(to), lower: new Int32Array(to), upper: new Int32Array(to) };
  const scale = 1 / (to / from);
  for (let i = 0; i < to; i++) {
    const position = Math.fround((i + 0.5) * scale - 0.5);
    const index = Math.floor(position);
    const fraction = Math.fround(position - index);
    table.index[i] = index;
    table.lower[i] = roundHalfEven(Math.fround(1 - fraction) * 2048);
    table.upper[i] = roundHalfEven(fraction * 2048);
  }
  return table;
});

/**
 * As `linearTable`, with the fraction dropped where a neighbour would be outside. The last pixel is reached as
 * the upper neighbour of the one before it, so that no read is ever out of bounds.
 */
const horizontalTable = rememberTables((from: number, to: number): LinearTable => {
  const { index, lower, upper } = linearTable(from, to);
  const table = { index: index.slice(), lower: lower.slice(), upper: upper.slice() };
  for (let i = 0; i < to; i++) {
    if (index[i] >= 0 && index[i] < from - 1) continue;
    const last = index[i] >= 0 && from > 1;
    table.index[i] = last ? from - 2 : 0;
    table.lower[i] = last ? 0 : 2048;
    table.upper[i] = last ? 2048 : 0;
  }
  return table;
});

const nearestTable = rememberTables((from: number, to: number): Int32Array => {
  const scale = 1 / (to / from);
  return Int32Array.from({ length: to }, (_, i) => Math.min(Math.floor(i * scale), from - 1));
});

function roundHalfEven(value: number): number {
  const rounded = Math.round(value);
  return rounded - value === 0.5 && rounded % 2 !== 0 ? rounded - 1 : rounded;
}

/** Stretches the `w` × `h` rectangle of `data` that begins at `start`, rows `stride` apart, into `out`. */
function stretchLinear(
  data: Uint8Array,
  w: number,
  h: number,
  channels: number,
  start: number,
  stride: number,
  width: number,
  height: number,
  out: Uint8Array,
): void {
  const columns = horizontalTable(w, width);
  const rows = linearTable(h, height);
  const length = width * channels;
  const next = w > 1 ? channels : 0;
  let upperRow = new Int16Array(length);
  let lowerRow = new Int16Array(length);
  let held = -1;
  let heldNext = -1;
  for (let y = 0; y < height; y++) {
    const first = Math.min(Math.max(rows.index[y], 0), h - 1);
    const second = Math.min(Math.max(rows.index[y] + 1, 0), h - 1);
    if (first !== held && first === heldNext) {
      [upperRow, lowerRow] = [lowerRow, upperRow];
      [held, heldNext] = [heldNext, held];
    }
    if (first !== held) {
      stretchRow(data, start + first * stride, channels, next, columns, width, upperRow);
      held = first;
    }
    if (second !== heldNext) {
      if (second === held) lowerRow.set(upperRow);
      else stretchRow(data, start + second * stride, channels, next, columns, width, lowerRow);
      heldNext = second;
    }
    blendRows(upperRow, lowerRow, rows.lower[y], rows.upper[y], out, y * length, length);
  }
}

/** One row stretched horizontally; the sums are kept without their 4 lowest bits, which no later step reads. */
function stretchRow(
  data: Uint8Array,
  start: number,
  channels: number,
  next: number,
  { index, lower, upper }: LinearTable,
  width: number,
  out: Int16Array,
): void {
  if (channels === 3) {
    for (let x = 0, to = 0; x < width; x++, to += 3) {
      const from = start + 3 * index[x];
      const a0 = lower[x];
      const a1 = upper[x];
      const beside = from + next;
      out[to] = (Math.imul(data[from], a0) + Math.imul(data[beside], a1)) >> 4;
      out[to + 1] = (Math.imul(data[from + 1], a0) + Math.imul(data[beside + 1], a1)) >> 4;
      out[to + 2] = (Math.imul(data[from + 2], a0) + Math.imul(data[beside + 2], a1)) >> 4;
    }
    return;
  }
  for (let x = 0, to = 0; x < width; x++) {
    const from = start + channels * index[x];
    const a0 = lower[x];
    const a1 = upper[x];
    for (let c = 0; c < channels; c++) {
      out[to++] = (Math.imul(data[from + c], a0) + Math.imul(data[from + next + c], a1)) >> 4;
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
  length: number,
): void {
  for (let i = 0; i < length; i++) {
    out[start + i] = ((Math.imul(b0, first[i]) >> 16) + (Math.imul(b1, second[i]) >> 16) + 2) >> 2;
  }
}
