/** Quantiles of float32 values without sorting them. */

import { MetricError } from "../metric_error.ts";

const f32 = Math.fround;

/** Sortable keys are split into digits of 11, 11 and 10 bits, the most significant first. */
const SHIFTS = [21, 10, 0];
const DIGITS = [2048, 2048, 1024];

/**
 * The quantile by linear interpolation between the two nearest ranks, every step in float32 as in PyTorch;
 * NaN if a value is NaN.
 *
 * @param fraction 0 … 1
 */
export function quantile(values: Float32Array, fraction: number): number {
  if (values.length === 0) throw new MetricError("a quantile needs at least one value, but there are none");
  if (!(fraction >= 0 && fraction <= 1)) {
    throw new MetricError(`a quantile's fraction must be from 0 to 1, but is ${fraction}`);
  }
  const rank = f32(f32(fraction) * f32(values.length - 1));
  const low = Math.floor(rank);
  const weight = f32(rank - low);
  const below = orderStatistic(values, low);
  if (below === undefined) return NaN;
  const { value, next } = below;
  if (weight === 0) return value;
  const step = f32(next - value);
  return weight < 0.5 ? f32(value + f32(weight * step)) : f32(next - f32(step * f32(1 - weight)));
}

/**
 * The value at `rank` (from 0) in ascending order and the next value (the same one at the end); undefined if
 * a value is NaN. Uses radix selection: each digit narrows the set of candidates.
 */
function orderStatistic(values: Float32Array, rank: number): { value: number; next: number } | undefined {
  const keys = sortableKeys(values);
  if (keys === undefined) return undefined;
  let prefix = 0;
  let mask = 0;
  let before = 0;
  for (let level = 0; level < SHIFTS.length; level++) {
    const shift = SHIFTS[level];
    const digits = DIGITS[level];
    const counts = new Uint32Array(digits);
    for (let i = 0; i < keys.length; i++) {
      if ((keys[i] & mask) === prefix) counts[(keys[i] >>> shift) & (digits - 1)]++;
    }
    let digit = 0;
    while (before + counts[digit] <= rank) before += counts[digit++];
    prefix |= digit << shift;
    mask |= (digits - 1) << shift;
  }
  const found = prefix >>> 0;
  let equal = 0;
  let following = 0xffffffff;
  for (let i = 0; i < keys.length; i++) {
    const key = keys[i] >>> 0;
    if (key === found) equal++;
    else if (key > found && key < following) following = key;
  }
  const value = valueOfKey(found);
  const isLast = following === 0xffffffff;
  return { value, next: isLast || before + equal > rank + 1 ? value : valueOfKey(following) };
}

/** Keys whose unsigned order is the order of the values; undefined if a value is NaN. */
function sortableKeys(values: Float32Array): Int32Array | undefined {
  const keys = new Int32Array(values.length);
  new Float32Array(keys.buffer).set(values);
  for (let i = 0; i < keys.length; i++) {
    if (values[i] !== values[i]) return undefined;
    keys[i] ^= (keys[i] >> 31) | 0x80000000;
  }
  return keys;
}

const word = new DataView(new ArrayBuffer(4));

function valueOfKey(key: number): number {
  word.setInt32(0, key & 0x80000000 ? key ^ 0x80000000 : ~key);
  return word.getFloat32(0);
}
