/** OpenCV's linear and nearest-neighbour resize of uint8 images, bit for bit. */

import { type Image, image, type Mask, mask } from "../image.ts";
import { decodeRunLengths, type RunLengths } from "../masks/rle.ts";
import { sampleRunLengths } from "../masks/rle_parts.ts";
import type { Rectangle } from "../rectangle.ts";
import {
  columnTable,
  type LinearTable,
  linearTable,
  type PixelWindow,
  stretchAny,
  stretchLinear,
} from "./fixed_point_linear.ts";
import { takePixels } from "./nearest.ts";
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
  const { data, channels } = source;
  const whole = { ...source, data, channels, start: 0, stride: source.width * channels };
  return image(width, height, source.order, stretch(whole, width, height));
}

/**
 * The rectangle `box` of `source` stretched as by `resizeLinear`, without a copy of it in between.
 *
 * @throws {RangeError} when the box is empty or not inside the image, or a side is not a positive integer.
 */
export function cropResizeLinear(source: Image, box: Rectangle, width: number, height: number): Image {
  checkSizes(box, width, height);
  const right = box.left + box.width;
  const bottom = box.top + box.height;
  if (!(box.left >= 0 && box.top >= 0 && right <= source.width && bottom <= source.height)) {
    throw new RangeError(
      `the box ${box.width} × ${box.height} at (${box.left}, ${box.top}) is not inside an image of ` +
        `${source.width} × ${source.height}`,
    );
  }
  const { data, channels } = source;
  const stride = source.width * channels;
  const start = box.top * stride + box.left * channels;
  const part = { data, channels, start, stride, width: box.width, height: box.height };
  return image(width, height, source.order, stretch(part, width, height));
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
  return takePixels(source, nearestTable(source.width, width), nearestTable(source.height, height));
}

/** Columns and rows of a resized image, ascending. */
export interface GridLines {
  readonly columns: ArrayLike<number>;
  readonly rows: ArrayLike<number>;
}

/**
 * `resizeLinear` of a mask: 0 and 1 rounded in OpenCV's integers, so the result is 0 or 1 as well. Decodes only the pixels that are
 * read, four for each of the result.
 *
 * @param lines of the resized mask, only these columns and rows; by default all
 */
export function resizeRunLengthsLinear(
  runs: RunLengths,
  width: number,
  height: number,
  lines?: GridLines,
): Mask {
  checkSizes(runs, width, height);
  if (!lines && runs.width === width && runs.height === height) return decodeRunLengths(runs);
  const columns = linesOf(insideTable(runs.width, width), lines?.columns);
  const rows = linesOf(rowTable(runs.height, height), lines?.rows);
  const [across, down] = [columns.index.length, rows.index.length];
  const step = runs.width > 1 ? 1 : 0;
  const inside = (row: number) => Math.min(Math.max(row, 0), runs.height - 1);
  const readColumns = new Int32Array(2 * across), readRows = new Int32Array(2 * down);
  for (let x = 0; x < across; x++) readColumns.set([columns.index[x], columns.index[x] + step], 2 * x);
  for (let y = 0; y < down; y++) readRows.set([inside(rows.index[y]), inside(rows.index[y] + 1)], 2 * y);
  const data = sampleRunLengths(runs, readColumns, readRows);
  const read = { data, channels: 1, start: 0, stride: 2 * across, width: 2 * across, height: 2 * down };
  const pairs = (count: number) => Int32Array.from({ length: count }, (_, i) => 2 * i);
  return mask(
    across,
    down,
    stretchAny(read, { ...columns, index: pairs(across) }, { ...rows, index: pairs(down) }),
  );
}

/** The entries of `table` at `lines`. */
function linesOf(table: LinearTable, lines?: ArrayLike<number>): LinearTable {
  if (!lines) return table;
  const taken = (column: Int32Array) => Int32Array.from(lines, (line) => column[line]);
  return { index: taken(table.index), lower: taken(table.lower), upper: taken(table.upper) };
}

function stretch(source: PixelWindow, width: number, height: number): Uint8Array {
  return stretchLinear(source, insideTable(source.width, width), rowTable(source.height, height));
}

const rowTable = rememberTables((from: number, to: number) => {
  const scale = 1 / (to / from);
  return linearTable(to, (i) => Math.fround((i + 0.5) * scale - 0.5));
});

const insideTable = rememberTables((from: number, to: number) => columnTable(rowTable(from, to), from));

const nearestTable = rememberTables((from: number, to: number): Int32Array => {
  const scale = 1 / (to / from);
  return Int32Array.from({ length: to }, (_, i) => Math.min(Math.floor(i * scale), from - 1));
});
