/** OpenCV's area resize of uint8 images. */

import { type Image, image } from "../image.ts";
import { columnTable, linearTable, stretchLinear } from "./fixed_point_linear.ts";
import { resizeLinear } from "./opencv.ts";
import { checkSizes } from "./size.ts";
import { rememberTables } from "./table_cache.ts";
import { emptyTaps } from "./taps.ts";

/**
 * `source` stretched to `width` × `height` as by `cv2.resize(…, INTER_AREA)`: the mean of the covered area where
 * neither side grows, else linear between pixels that keep flat middles.
 *
 * @throws {RangeError} when a side is not a positive integer.
 */
export function resizeArea(source: Image, width: number, height: number): Image {
  checkSizes(source, width, height);
  const { channels, order } = source;
  if (source.width === width && source.height === height) return source;
  // OpenCV treats halving separately: halves are rounded up, as in the linear rule.
  if (source.width === 2 * width && source.height === 2 * height) return resizeLinear(source, width, height);
  if (width <= source.width && height <= source.height) {
    const whole = source.width % width === 0 && source.height % height === 0;
    const out = whole ? blockMeans(source, width, height) : areaMeans(source, width, height);
    return image(width, height, order, new Uint8Array(out.buffer));
  }
  const whole = { ...source, start: 0, stride: source.width * channels };
  const columns = columnTable(flatTable(source.width, width), source.width);
  return image(width, height, order, stretchLinear(whole, columns, flatTable(source.height, height)));
}

/** Means of blocks of whole pixels: an integer sum, multiplied by 1/count in float32. */
function blockMeans({ data, channels, ...source }: Image, width: number, height: number): Uint8ClampedArray {
  const [across, down] = [source.width / width, source.height / height];
  const share = Math.fround(1 / (across * down));
  const out = new Uint8ClampedArray(width * height * channels);
  for (let at = 0; at < out.length; at++) {
    const [x, c] = [Math.floor(at / channels) % width, at % channels];
    const top = Math.floor(at / (width * channels)) * down;
    let sum = 0;
    for (let y = top; y < top + down; y++) {
      for (let k = x * across; k < (x + 1) * across; k++) sum += data[(y * source.width + k) * channels + c];
    }
    out[at] = Math.fround(sum * share);
  }
  return out;
}

/** Means of areas that cut through pixels, summed in float32: within a row, then over rows, as OpenCV does. */
function areaMeans({ data, channels, ...source }: Image, width: number, height: number): Uint8ClampedArray {
  const [columns, rows] = [areaTaps(source.width, width), areaTaps(source.height, height)];
  const length = width * channels;
  const out = new Uint8ClampedArray(length * height);
  const [row, sums] = [new Float32Array(length), new Float32Array(length)];
  for (let y = 0; y < height; y++) {
    sums.fill(0);
    for (let j = 0; j < rows.count[y]; j++) {
      const begin = (rows.start[y] + j) * source.width;
      row.fill(0);
      for (let at = 0; at < length; at++) {
        const [x, c] = [Math.floor(at / channels), at % channels];
        for (let k = 0; k < columns.count[x]; k++) {
          const value = data[(begin + columns.start[x] + k) * channels + c];
          row[at] += Math.fround(value * columns.weights[x * columns.stride + k]);
        }
      }
      const weight = rows.weights[y * rows.stride + j];
      for (let at = 0; at < length; at++) sums[at] += Math.fround(weight * row[at]);
    }
    out.set(sums, y * length);
  }
  return out;
}

/** The share of every source sample in the interval [i·scale, (i + 1)·scale); slivers below 10⁻³ are left out. */
const areaTaps = rememberTables((from: number, to: number) => {
  const scale = 1 / (to / from);
  const taps = emptyTaps(to, Math.ceil(scale) + 2);
  for (let i = 0; i < to; i++) {
    const low = i * scale;
    const high = low + scale;
    const cell = Math.min(scale, from - low);
    const last = Math.min(Math.floor(high), from - 1);
    const first = Math.min(Math.ceil(low), last);
    let count = 0;
    const add = (share: number) => taps.weights[i * taps.stride + count++] = Math.fround(share / cell);
    taps.start[i] = first - low > 1e-3 ? first - 1 : first;
    if (first - low > 1e-3) add(first - low);
    for (let k = first; k < last; k++) add(1);
    if (high - last > 1e-3) add(Math.min(high - last, 1, cell));
    taps.count[i] = count;
  }
  return taps;
});

const flatTable = rememberTables((from: number, to: number) => {
  const growth = to / from;
  const scale = 1 / growth;
  return linearTable(to, (i) => {
    const index = Math.floor(i * scale);
    const fraction = Math.fround(i + 1 - (index + 1) * growth);
    return index + (fraction <= 0 ? 0 : Math.fround(fraction - Math.floor(fraction)));
  });
});
