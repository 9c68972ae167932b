/** OpenCV's cubic resize, of uint8 images and of float maps. */

import { type Image, image } from "../image.ts";
import { float32, type HostTensor } from "../../tensor/host_tensor.ts";
import { cubicWeights } from "./cubic.ts";
import { roundHalfEven } from "../rounding.ts";
import { checkSizes } from "./size.ts";
import { rememberTables } from "./table_cache.ts";
import { emptyTaps, resample, setClamped, type Taps } from "./taps.ts";

/**
 * `source` stretched to `width` × `height` as by `cv2.resize(…, INTER_CUBIC)` on uint8: weights in units of
 * 2⁻¹¹ in both directions, the sum rounded and clipped.
 *
 * @throws {RangeError} when a side is not a positive integer.
 */
export function resizeCubic(source: Image, width: number, height: number): Image {
  checkSizes(source, width, height);
  if (source.width === width && source.height === height) return source;
  const { data, channels, order } = source;
  const out = new Uint8ClampedArray(width * height * channels);
  const columns = byteTaps(source.width, width);
  resample(data, source.width, channels, columns, byteTaps(source.height, height), out);
  return image(width, height, order, new Uint8Array(out.buffer));
}

/**
 * A float map [H, W] stretched as by `cv2.resize(…, INTER_CUBIC)` on float32; nothing is clipped, so values
 * beyond those of the map occur.
 *
 * @throws {RangeError} when the map is not two-dimensional or a side is not a positive integer.
 */
export function resizeCubicMap(
  map: HostTensor<"float32">,
  width: number,
  height: number,
): HostTensor<"float32"> {
  if (map.shape.length !== 2) throw new RangeError(`expected a map [H, W], but its shape is [${map.shape}]`);
  const [from, across] = map.shape;
  checkSizes({ width: across, height: from }, width, height);
  const out = new Float32Array(width * height);
  resample(map.data, across, 1, floatTaps(across, width), floatTaps(from, height), out);
  return float32([height, width], out);
}

const floatTaps = rememberTables((from: number, to: number) => cubicTaps(from, to, (weight) => weight));

const byteTaps = rememberTables((from: number, to: number) =>
  cubicTaps(from, to, (weight) => roundHalfEven(weight * 2048) / 2048)
);

/** Four taps around (i + ½)·from/to − ½; beyond the border the border sample is repeated. */
function cubicTaps(from: number, to: number, quantise: (weight: number) => number): Taps {
  const taps = emptyTaps(to, 4);
  const scale = 1 / (to / from);
  for (let i = 0; i < to; i++) {
    const position = Math.fround((i + 0.5) * scale - 0.5);
    const index = Math.floor(position);
    setClamped(taps, i, from, index - 1, cubicWeights(Math.fround(position - index)).map(quantise));
  }
  return taps;
}
