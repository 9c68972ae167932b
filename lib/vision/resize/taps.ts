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
  // Rows are stretched on first use; the rows that one output row needs are adjacent.
  const held = Array.from({ length: rows.stride }, () => ({ row: -1, values: new Float64Array(length) }));
  const stretched = (row: number) => {
    const slot = held[row % rows.stride];
    if (slot.row !== row) {
      resampleRow(data, row * width * channels, channels, columns, slot.values);
      slot.row = row;
    }
    return slot.values;
  };
  const sums = new Float64Array(length);
  for (let y = 0; y < height; y++) {
    const first = rows.start[y];
    const weight = y * rows.stride;
    if (rows.count[y] === 2) {
      // Interpolation between two rows, by far the most frequent case, in one go.
      const upper = rows.weights[weight];
      blendRows(stretched(first), stretched(first + 1), upper, rows.weights[weight + 1], out, y * length);
      continue;
    }
    sums.fill(0);
    for (let k = 0; k < rows.count[y]; k++) addScaled(sums, stretched(first + k), rows.weights[weight + k]);
    out.set(sums, y * length);
  }
}

function blendRows(
  upper: Float64Array,
  lower: Float64Array,
  upperWeight: number,
  lowerWeight: number,
  out: Float32Array | Uint8ClampedArray,
  start: number,
): void {
  for (let i = 0; i < upper.length; i++) out[start + i] = upperWeight * upper[i] + lowerWeight * lower[i];
}

function addScaled(sums: Float64Array, values: Float64Array, weight: number): void {
  for (let i = 0; i < sums.length; i++) sums[i] += weight * values[i];
}

function resampleRow(
  data: ArrayLike<number>,
  begin: number,
  channels: number,
  { start, count, weights, stride }: Taps,
  out: Float64Array,
): void {
  for (let x = 0, to = 0; x < start.length; x++) {
    const from = begin + start[x] * channels;
    const taps = count[x];
    for (let c = 0; c < channels; c++, to++) {
      let sum = 0;
      for (let k = 0; k < taps; k++) sum += weights[x * stride + k] * data[from + k * channels + c];
      out[to] = sum;
    }
  }
}

/**
 * Two resizes of one direction in one: `second` of the result of `first`, of which only the first samples may be used.
 */
export function composeTaps(first: Taps, second: Taps): Taps {
  const rows = Array.from(second.start, (from, i) => {
    const to = from + second.count[i] - 1;
    const begin = first.start[from];
    let end = begin;
    for (let j = from; j <= to; j++) end = Math.max(end, first.start[j] + first.count[j]);
    const weights = new Float64Array(end - begin);
    for (let k = 0; k < second.count[i]; k++) {
      const weight = second.weights[i * second.stride + k];
      const j = from + k;
      for (let n = 0; n < first.count[j]; n++) {
        weights[first.start[j] + n - begin] += weight * first.weights[j * first.stride + n];
      }
    }
    return { begin, weights };
  });
  const composed = emptyTaps(rows.length, Math.max(1, ...rows.map(({ weights }) => weights.length)));
  rows.forEach(({ begin, weights }, i) => {
    composed.start[i] = begin;
    composed.count[i] = weights.length;
    composed.weights.set(weights, i * composed.stride);
  });
  return composed;
}
