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
  const tables = TABLES[filter];
  const { channels, order } = source;
  let data = source.data;
  if (width !== source.width) {
    data = filterRows(data, source.width, source.height, channels, tables(source.width, width));
  }
  if (height !== source.height) {
    data = filterColumns(data, width * channels, tables(source.height, height));
  }
  return image(width, height, order, data);
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

function integerTaps(from: number, to: number, kernel: Kernel): Taps<Int32Array> {
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
  return { start, count, weights, stride };
}

function filterRows(
  data: Uint8Array,
  width: number,
  height: number,
  channels: number,
  taps: Taps<Int32Array>,
): Uint8Array {
  return channels === 3
    ? filterRgbRows(data, width, height, taps)
    : filterAnyRows(data, width, height, channels, taps);
}

function filterRgbRows(
  data: Uint8Array,
  width: number,
  height: number,
  { start, count, weights, stride }: Taps<Int32Array>,
): Uint8Array {
  const length = 3 * start.length;
  const [input, table, values, row] = regions(3 * width, 8 * start.length, weights.byteLength, length);
  const bytes = new Uint8Array(kernels.memory.buffer);
  const words = new Int32Array(kernels.memory.buffer);
  words.set(weights, values / 4);
  for (let x = 0; x < start.length; x++) {
    words[table / 4 + 2 * x] = 3 * start[x];
    words[table / 4 + 2 * x + 1] = 3 * (start[x] + count[x]);
  }
  const out = new Uint8Array(length * height);
  for (let y = 0; y < height; y++) {
    bytes.set(data.subarray(3 * y * width, 3 * (y + 1) * width), input);
    kernels.filter_row(input, table, values, 4 * stride, row, row + length);
    out.set(bytes.subarray(row, row + length), y * length);
  }
  return out;
}

function filterAnyRows(
  data: Uint8Array,
  width: number,
  height: number,
  channels: number,
  { start, count, weights, stride }: Taps<Int32Array>,
): Uint8Array {
  const out = new Uint8Array(start.length * height * channels);
  for (let y = 0, at = 0; y < height; y++) {
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
  return out;
}

function filterColumns(
  data: Uint8Array,
  length: number,
  { start, count, weights, stride }: Taps<Int32Array>,
): Uint8Array {
  const out = new Uint8Array(start.length * length);
  const rows = Math.max(...count);
  const [input, values, row] = regions(rows * length, weights.byteLength, length);
  const bytes = new Uint8Array(kernels.memory.buffer);
  new Int32Array(kernels.memory.buffer).set(weights, values / 4);
  for (let y = 0; y < start.length; y++) {
    const begin = start[y] * length;
    bytes.set(data.subarray(begin, begin + count[y] * length), input);
    kernels.filter_column(input, length, values + 4 * y * stride, count[y], row, row + length);
    out.set(bytes.subarray(row, row + length), y * length);
  }
  return out;
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
