/** Sampling an image at given coordinates, row by row, in OpenCV's fixed point: 1/32 pixel, integer weights. */

import type { Image } from "../image.ts";

/** What stands beyond the edge: black, the opposite side, or the mirror image without its edge pixel. */
export type Border = "constant" | "wrap" | "reflect101";

/** Bits of a coordinate below one pixel. */
export const COORDINATE_BITS = 5;

const ONE = 1 << COORDINATE_BITS;
const FRACTION = ONE - 1;
/** Half a unit of a product of two weights. */
const HALF = (ONE * ONE) / 2;

/**
 * Writes one row of bilinear samples: pixel i of the row is `source` at (`xs[i]`, `ys[i]`), in 1/32 pixel.
 *
 * @param out HWC bytes, written from `start` on
 */
export function sampleLinear(
  source: Image,
  xs: Int32Array,
  ys: Int32Array,
  border: Border,
  out: Uint8Array,
  start: number,
): void {
  const { data, width, height, channels } = source;
  const insideX = width - 1;
  const insideY = height - 1;
  const stride = width * channels;
  for (let i = 0, to = start; i < xs.length; i++, to += channels) {
    const x = xs[i] >> COORDINATE_BITS;
    const y = ys[i] >> COORDINATE_BITS;
    const right = xs[i] & FRACTION;
    const low = ys[i] & FRACTION;
    if (x >>> 0 >= insideX || y >>> 0 >= insideY) {
      sampleAtBorder(source, x, y, right, low, border, out, to);
      continue;
    }
    const w11 = Math.imul(right, low);
    const w01 = ONE * right - w11;
    const w10 = ONE * low - w11;
    const w00 = ONE * ONE - ONE * low - w01;
    const upper = Math.imul(y, stride) + Math.imul(x, channels);
    const lower = upper + stride;
    if (channels === 3) {
      // Written out, because this is where an augmentation spends its time.
      out[to] = (Math.imul(w00, data[upper]) + Math.imul(w01, data[upper + 3]) +
        Math.imul(w10, data[lower]) + Math.imul(w11, data[lower + 3]) + HALF) >> (2 * COORDINATE_BITS);
      out[to + 1] = (Math.imul(w00, data[upper + 1]) + Math.imul(w01, data[upper + 4]) +
        Math.imul(w10, data[lower + 1]) + Math.imul(w11, data[lower + 4]) + HALF) >> (2 * COORDINATE_BITS);
      out[to + 2] = (Math.imul(w00, data[upper + 2]) + Math.imul(w01, data[upper + 5]) +
        Math.imul(w10, data[lower + 2]) + Math.imul(w11, data[lower + 5]) + HALF) >> (2 * COORDINATE_BITS);
      continue;
    }
    for (let c = 0; c < channels; c++) {
      const sum = Math.imul(w00, data[upper + c]) + Math.imul(w01, data[upper + channels + c]) +
        Math.imul(w10, data[lower + c]) + Math.imul(w11, data[lower + channels + c]);
      out[to + c] = (sum + HALF) >> (2 * COORDINATE_BITS);
    }
  }
}

/** As `sampleLinear`, but takes the pixel at (`xs[i]`, `ys[i]`), in whole pixels. */
export function sampleNearest(
  source: Image,
  xs: Int32Array,
  ys: Int32Array,
  border: Border,
  out: Uint8Array,
  start: number,
): void {
  const { data, width, height, channels } = source;
  for (let i = 0, to = start; i < xs.length; i++, to += channels) {
    const x = borderIndex(xs[i], width, border);
    const y = borderIndex(ys[i], height, border);
    const from = (y * width + x) * channels;
    for (let c = 0; c < channels; c++) out[to + c] = x < 0 || y < 0 ? 0 : data[from + c];
  }
}

function sampleAtBorder(
  { data, width, height, channels }: Image,
  x: number,
  y: number,
  right: number,
  low: number,
  border: Border,
  out: Uint8Array,
  to: number,
): void {
  const x0 = borderIndex(x, width, border);
  const x1 = borderIndex(x + 1, width, border);
  const y0 = borderIndex(y, height, border);
  const y1 = borderIndex(y + 1, height, border);
  // A neighbour beyond a constant border is black: its weight is dropped, and the index may be any valid one.
  const w00 = x0 < 0 || y0 < 0 ? 0 : (ONE - right) * (ONE - low);
  const w01 = x1 < 0 || y0 < 0 ? 0 : right * (ONE - low);
  const w10 = x0 < 0 || y1 < 0 ? 0 : (ONE - right) * low;
  const w11 = x1 < 0 || y1 < 0 ? 0 : right * low;
  const left = (x0 < 0 ? 0 : x0) * channels;
  const beside = (x1 < 0 ? 0 : x1) * channels;
  const upper = (y0 < 0 ? 0 : y0) * width * channels;
  const lower = (y1 < 0 ? 0 : y1) * width * channels;
  for (let c = 0; c < channels; c++) {
    const sum = w00 * data[upper + left + c] + w01 * data[upper + beside + c] +
      w10 * data[lower + left + c] + w11 * data[lower + beside + c];
    out[to + c] = (sum + HALF) >> (2 * COORDINATE_BITS);
  }
}

/** The index that stands for `index`; −1 for black. */
export function borderIndex(index: number, length: number, border: Border): number {
  if (index >= 0 && index < length) return index;
  if (border === "constant") return -1;
  if (border === "wrap") {
    const rest = index % length;
    return rest < 0 ? rest + length : rest;
  }
  if (length === 1) return 0;
  const period = 2 * (length - 1);
  const rest = Math.abs(index) % period;
  return rest < length ? rest : period - rest;
}
