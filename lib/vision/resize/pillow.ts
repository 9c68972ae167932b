/** Pillow's resize of uint8 images, bit for bit: antialiased filters in 32-bit fixed point, and nearest. */

import { type Image, image } from "../image.ts";
import { kernels, regions } from "../simd/kernels.ts";
import { takePixels } from "./nearest.ts";
import { checkSizes } from "./size.ts";
import { rememberTables } from "./table_cache.ts";
import type { Taps } from "./taps.ts";

/** `Image.Resampling` by name. */
export type PillowFilter = "nearest" | "box" | "bilinear" | "bicubic" | "lanczos";

/** Weights are integers in units of 2⁻²²: 32 bits less 8 of the sample and 2 of headroom. */
const PRECISION = 22;

/**
 * `source` stretched to `width` × `height` as by `Image.resize((width, height), filter)`. Where a side shrinks,
 * the filter is widened by the same factor. Rows first, rounded to uint8, then columns; a side that stays is
 * not touched.
 *
 * @throws {RangeError} when a side is not a positive integer.
 */
export function resizePillow(source: Image, width: number, height: number, filter: PillowFilter): Image {
  checkSizes(source, width, height);
  if (source.width === width && source.height === height) return source;
  if (filter === "nearest") {
    return takePixels(source, nearestTable(source.width, width), nearestTable(source.height, height));
  }
  const columns = width === source.width ? undefined : TABLES[filter](source.width, width);
  const rows = height === source.height ? undefined : TABLES[filter](source.height, height);
  return image(width, height, source.order, filterImage(source, width, height, columns, rows));
}

interface Kernel {
  readonly support: number;
  weight(x: number): number;
}

const KERNELS: Readonly<Record<Exclude<PillowFilter, "nearest">, Kernel>> = {
  box: { support: 0.5, weight: (x) => x > -0.5 && x <= 0.5 ? 1 : 0 },
  bilinear: { support: 1, weight: (x) => Math.max(0, 1 - Math.abs(x)) },
  bicubic: { support: 2, weight: bicubic },
  lanczos: { support: 3, weight: (x) => x >= -3 && x < 3 ? sinc(x) * sinc(x / 3) : 0 },
};

/** Cubic convolution with A = −½. */
function bicubic(x: number): number {
  const t = Math.abs(x);
  if (t < 1) return (1.5 * t - 2.5) * t * t + 1;
  return t < 2 ? (((t - 5) * t + 8) * t - 4) * -0.5 : 0;
}

function sinc(x: number): number {
  return x === 0 ? 1 : Math.sin(x * Math.PI) / (x * Math.PI);
}

const TABLES = {
  box: rememberTables((from, to) => integerTaps(from, to, KERNELS.box)),
  bilinear: rememberTables((from, to) => integerTaps(from, to, KERNELS.bilinear)),
  bicubic: rememberTables((from, to) => integerTaps(from, to, KERNELS.bicubic)),
  lanczos: rememberTables((from, to) => integerTaps(from, to, KERNELS.lanczos)),
};

interface IntegerTaps extends Taps<Int32Array> {
  /** The weights in the layout of the vector kernels, `pairStride` numbers an output index. */
  readonly pairs: Int32Array;
  readonly pairStride: number;
  /** Where an output pixel's first source pixel is in an RGB row, and the first one behind its taps. */
  readonly table: Int32Array;
}

function integerTaps(from: number, to: number, kernel: Kernel): IntegerTaps {
  const scale = from / to;
  const widening = Math.max(scale, 1);
  const support = kernel.support * widening;
  const stride = Math.ceil(support) * 2 + 1;
  const start = new Int32Array(to);
  const count = new Int32Array(to);
  const weights = new Int32Array(to * stride);
  for (let i = 0; i < to; i++) {
    const center = (i + 0.5) * scale;
    start[i] = Math.max(Math.trunc(center - support + 0.5), 0);
    count[i] = Math.min(Math.trunc(center + support + 0.5), from) - start[i];
    const raw = Float64Array.from(
      { length: count[i] },
      (_, k) => kernel.weight((k + start[i] - center + 0.5) * (1 / widening)),
    );
    const sum = raw.reduce((a, b) => a + b, 0);
    raw.forEach((weight, k) => {
      const share = sum === 0 ? weight : weight / sum;
      weights[i * stride + k] = Math.trunc(share * 2 ** PRECISION + (share < 0 ? -0.5 : 0.5));
    });
  }
  const pairStride = stride + (stride & 1);
  const pairs = new Int32Array(to * pairStride);
  const table = new Int32Array(2 * to);
  for (let i = 0; i < to; i++) {
    table[2 * i] = 3 * start[i];
    table[2 * i + 1] = 3 * (start[i] + count[i]);
    for (let k = 0; k < count[i]; k += 2) {
      const first = weights[i * stride + k];
      const second = k + 1 < count[i] ? weights[i * stride + k + 1] : 0;
      pairs[i * pairStride + k] = (first >> 11) & 0xffff | (second >> 11) << 16;
      pairs[i * pairStride + k + 1] = first & 2047 | (second & 2047) << 16;
    }
  }
  return { start, count, weights, stride, pairs, pairStride, table };
}

/** Both passes; a direction without taps stays as it is. */
function filterImage(
  { data, width: from, height: lines, channels }: Image,
  width: number,
  height: number,
  columns: IntegerTaps | undefined,
  rows: IntegerTaps | undefined,
): Uint8Array {
  const length = width * channels;
  const [line, table, columnPairs, stretched, rowPairs, out] = regions(
    from * channels,
    8 * width,
    columns?.pairs.byteLength ?? 0,
    // One line more than there are: an odd last weight is paired with it and a weight of 0.
    length * (lines + 1),
    rows?.pairs.byteLength ?? 0,
    rows ? length * height : 0,
  );
  const bytes = new Uint8Array(kernels.memory.buffer);
  const words = new Int32Array(kernels.memory.buffer);
  if (!columns) bytes.set(data, stretched);
  else if (channels !== 3) filterAnyRows(data, from, lines, channels, columns, bytes, stretched);
  else {
    words.set(columns.table, table / 4);
    words.set(columns.pairs, columnPairs / 4);
    for (let y = 0; y < lines; y++) {
      bytes.set(data.subarray(3 * y * from, 3 * (y + 1) * from), line);
      const to = stretched + y * length;
      kernels.filter_row(line, table, columnPairs, 4 * columns.pairStride, to, to + length);
    }
  }
  if (!rows) return bytes.slice(stretched, stretched + length * lines);
  words.set(rows.pairs, rowPairs / 4);
  for (let y = 0; y < height; y++) {
    const first = stretched + rows.start[y] * length;
    const weights = rowPairs + 4 * y * rows.pairStride;
    const to = out + y * length;
    kernels.filter_column(first, length, weights, weights + 4 * rows.count[y], to, to + length);
  }
  return bytes.slice(out, out + length * height);
}

function filterAnyRows(
  data: Uint8Array,
  width: number,
  height: number,
  channels: number,
  { start, count, weights, stride }: IntegerTaps,
  out: Uint8Array,
  at: number,
): void {
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < start.length; x++) {
      const begin = (y * width + start[x]) * channels;
      for (let c = 0; c < channels; c++) {
        let sum = 1 << (PRECISION - 1);
        for (let k = 0; k < count[x]; k++) {
          sum = (sum + Math.imul(data[begin + k * channels + c], weights[x * stride + k])) | 0;
        }
        out[at++] = toByte(sum);
      }
    }
  }
}

function toByte(sum: number): number {
  const value = sum >> PRECISION;
  return value < 0 ? 0 : value > 255 ? 255 : value;
}

/** ⌊(i + ½)·from/to⌋, by repeated addition as Pillow does, so that rounding falls the same way. */
const nearestTable = rememberTables((from: number, to: number) => {
  const table = new Int32Array(to);
  const scale = from / to;
  for (let i = 0, position = scale * 0.5; i < to; i++, position += scale) {
    table[i] = Math.min(Math.trunc(position), from - 1);
  }
  return table;
});
