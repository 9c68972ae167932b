/** OpenCV's cubic resize of float maps. */

import { float32, type HostTensor } from "../../tensor/host_tensor.ts";
import { cubicWeights } from "./cubic.ts";
import { checkSizes } from "./size.ts";
import { rememberTables } from "./table_cache.ts";
import { emptyTaps, resample, setClamped, type Taps } from "./taps.ts";

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
  resample(map.data, across, 1, cubicTaps(across, width), cubicTaps(from, height), out);
  return float32([height, width], out);
}

/** Four taps around (i + ½)·from/to − ½; beyond the border the border sample is repeated. */
const cubicTaps = rememberTables((from: number, to: number): Taps => {
  const taps = emptyTaps(to, 4);
  const scale = 1 / (to / from);
  for (let i = 0; i < to; i++) {
    const position = Math.fround((i + 0.5) * scale - 0.5);
    const index = Math.floor(position);
    setClamped(taps, i, from, index - 1, cubicWeights(Math.fround(position - index)));
  }
  return taps;
});
