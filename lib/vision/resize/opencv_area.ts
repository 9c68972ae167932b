/** OpenCV's area resize of uint8 images. */

import { type Image, image } from "../image.ts";
import { columnTable, linearTable, stretchLinear } from "./fixed_point_linear.ts";
import { resizeLinear } from "./opencv.ts";
import { checkSizes } from "./size.ts";
import { rememberTables } from "./table_cache.ts";
import { emptyTaps, resample } from "./taps.ts";

/**
 * `source` stretched to `width` × `height` as by `cv2.resize(…, INTER_AREA)`: the mean of the covered area where
 * neither side grows, else linear between pixels that keep flat middles.
 *
 * @throws {RangeError} when a side is not a positive integer.
 */
export function resizeArea(source: Image, width: number, height: number): Image {
  checkSizes(source, width, height);
  const { data, channels, order } = source;
  if (source.width === width && source.height === height) return source;
  // OpenCV treats halving separately: halves are rounded up, as in the linear rule.
  if (source.width === 2 * width && source.height === 2 * height) return resizeLinear(source, width, height);
  if (width <= source.width && height <= source.height) {
    const out = new Uint8ClampedArray(width * height * channels);
    const columns = areaTaps(source.width, width);
    resample(data, source.width, channels, columns, areaTaps(source.height, height), out);
    return image(width, height, order, new Uint8Array(out.buffer));
  }
  const whole = { ...source, start: 0, stride: source.width * channels };
  const columns = columnTable(flatTable(source.width, width), source.width);
  return image(width, height, order, stretchLinear(whole, columns, flatTable(source.height, height)));
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
