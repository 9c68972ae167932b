/** Which source samples an output sample is the weighted sum of, for one direction of a separable resize. */

/** Output index i sums `weights[i·stride + k] · source[start[i] + k]` over k < `count[i]`. */
export interface Taps<Weights extends Float64Array | Int32Array = Float64Array> {
  readonly start: Int32Array;
  readonly count: Int32Array;
  readonly weights: Weights;
  readonly stride: number;
}

/** Taps for `to` outputs of at most `stride` weights each, still to be filled. */
export function emptyTaps(to: number, stride: number): Taps {
  return {
    start: new Int32Array(to),
    count: new Int32Array(to),
    weights: new Float64Array(to * stride),
    stride,
  };
}

/**
 * Taps of `size` consecutive samples from `first`, some of which may be outside 0 … from − 1: these stand for
 * the border sample, so their weights are added to its own.
 */
export function setClamped(
  taps: Taps,
  i: number,
  from: number,
  first: number,
  weights: readonly number[],
): void {
  const start = Math.min(Math.max(first, 0), from - 1);
  const end = Math.min(Math.max(first + weights.length - 1, 0), from - 1);
  taps.start[i] = start;
  taps.count[i] = end - start + 1;
  for (let k = 0; k < weights.length; k++) {
    const index = Math.min(Math.max(first + k, 0), from - 1);
    taps.weights[i * taps.stride + index - start] += weights[k];
  }
}

/**
 * Applies `columns`, then `rows` to one plane or to interleaved channels.
 *
 * @param data row-major, `width` · `channels` values a row
 * @param out row-major, rounded as its type does: Uint8ClampedArray to the nearest integer, halves to even
 */
export function resample(
  data: ArrayLike<number>,
  width: number,
  channels: number,
  columns: Taps,
  rows: Taps,
  out: Float32Array | Uint8ClampedArray,
): void {
  const length = columns.start.length * channels;
  const height = rows.start.length;
  const stretched = new Map<number, Float64Array>();
  const sums = new Float64Array(length);
  for (let y = 0; y < height; y++) {
    const first = rows.start[y];
    for (const row of stretched.keys()) if (row < first) stretched.delete(row);
    sums.fill(0);
    for (let k = 0; k < rows.count[y]; k++) {
      let row = stretched.get(first + k);
      if (!row) {
        row = resampleRow(data, (first + k) * width * channels, channels, columns);
        stretched.set(first + k, row);
      }
      const weight = rows.weights[y * rows.stride + k];
      for (let i = 0; i < length; i++) sums[i] += weight * row[i];
    }
    out.set(sums, y * length);
  }
}

function resampleRow(
  data: ArrayLike<number>,
  begin: number,
  channels: number,
  { start, count, weights, stride }: Taps,
): Float64Array {
  const out = new Float64Array(start.length * channels);
  for (let x = 0; x < start.length; x++) {
    for (let c = 0; c < channels; c++) {
      let sum = 0;
      for (let k = 0, from = begin + start[x] * channels + c; k < count[x]; k++, from += channels) {
        sum += weights[x * stride + k] * data[from];
      }
      out[x * channels + c] = sum;
    }
  }
  return out;
}
