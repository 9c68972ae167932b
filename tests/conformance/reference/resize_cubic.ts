/** OpenCV's cubic resize of uint8 images; the product resizes maps of floats alone in this way. */

import { type Image, image } from "../../../lib/vision/image.ts";
import { cubicWeights } from "../../../lib/vision/resize/cubic.ts";
import { emptyTaps, resample, setClamped, type Taps } from "../../../lib/vision/resize/taps.ts";
import { roundHalfEven } from "../../../lib/vision/rounding.ts";

/**
 * `source` stretched to `width` × `height` as by `cv2.resize(…, INTER_CUBIC)` on uint8: weights in units of
 * 2⁻¹¹ in both directions, the sum rounded and clipped.
 */
export function resizeCubic(source: Image, width: number, height: number): Image {
  if (source.width === width && source.height === height) return source;
  const { data, channels, order } = source;
  const out = new Uint8ClampedArray(width * height * channels);
  const columns = taps(source.width, width);
  resample(data, source.width, channels, columns, taps(source.height, height), out);
  return image(width, height, order, new Uint8Array(out.buffer));
}

/** Four taps around (i + ½)·from/to − ½, in units of 2⁻¹¹; beyond the border the border sample is repeated. */
function taps(from: number, to: number): Taps {
  const all = emptyTaps(to, 4);
  const scale = 1 / (to / from);
  for (let i = 0; i < to; i++) {
    const position = Math.fround((i + 0.5) * scale - 0.5);
    const index = Math.floor(position);
    const weights = cubicWeights(Math.fround(position - index));
    setClamped(all, i, from, index - 1, weights.map((weight) => roundHalfEven(weight * 2048) / 2048));
  }
  return all;
}
