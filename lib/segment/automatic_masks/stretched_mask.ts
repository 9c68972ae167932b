/** A mask at a crop's resolution: stability and run lengths, computed column by column from its logits. */

import type { RunLengths } from "../../vision/masks/rle.ts";
import type { Taps } from "../../vision/resize/taps.ts";
import type { Stretching } from "./promptable_model.ts";

export interface StretchedMask {
  /** #{logit > threshold + offset} / #{logit > threshold − offset}; NaN where both are 0. */
  readonly stability: number;
  readonly runs: RunLengths;
}

export interface MaskLevels {
  readonly threshold: number;
  readonly offset: number;
}

/**
 * Stretches logits to a crop and measures them column by column: the masks of a batch at full resolution would need
 * gigabytes.
 */
export class MaskStretcher {
  readonly #columns: Taps;
  readonly #rows: Taps;
  /** The first output row that reads sample j or a later one; the one after the last that reads j or an earlier one. */
  readonly #firstRow: Int32Array;
  readonly #endRow: Int32Array;
  /** The logits column by column, and one output column before it is stretched. */
  readonly #transposed: Float32Array;
  readonly #samples: Float64Array;
  readonly #column: Float64Array;
  readonly #width: number;
  readonly #levels: {
    readonly low: number;
    readonly middle: number;
    readonly high: number;
    readonly least: number;
  };
  #counts = new Uint32Array(1024);

  /**
   * @param width,height the size of the logits
   * @param stretching the interpolation to the crop; its weights are not negative
   */
  constructor(
    width: number,
    height: number,
    { columns, rows }: Stretching,
    { threshold, offset }: MaskLevels,
  ) {
    this.#width = width;
    this.#columns = columns;
    this.#rows = rows;
    this.#transposed = new Float32Array(width * height);
    this.#samples = new Float64Array(height);
    this.#column = new Float64Array(rows.start.length);
    const [low, middle, high] = [threshold - offset, threshold, threshold + offset].map(Math.fround);
    this.#levels = { low, middle, high, least: Math.min(low, middle, high) };
    this.#firstRow = new Int32Array(height).fill(rows.start.length);
    this.#endRow = new Int32Array(height);
    for (let y = 0; y < rows.start.length; y++) {
      for (let j = rows.start[y]; j < rows.start[y] + rows.count[y]; j++) {
        this.#firstRow[j] = Math.min(this.#firstRow[j], y);
        this.#endRow[j] = y + 1;
      }
    }
    // If the logits are downscaled, some samples are read by no row.
    for (let j = height - 2; j >= 0; j--) {
      this.#firstRow[j] = Math.min(this.#firstRow[j], this.#firstRow[j + 1]);
    }
    for (let j = 1; j < height; j++) this.#endRow[j] = Math.max(this.#endRow[j], this.#endRow[j - 1]);
  }

  /** @param logits row-major */
  measure(logits: Float32Array): StretchedMask {
    const [width, height] = [this.#columns.start.length, this.#rows.start.length];
    const { low, middle, high } = this.#levels;
    const column = this.#column;
    this.#transpose(logits);
    let above = 0, total = 0;
    let state = 0, runs = 0, begin = 0;
    for (let x = 0; x < width; x++) {
      const range = this.#stretchColumn(x);
      const offset = x * height;
      if (state === 1 && (range.first > 0 || range.first >= range.end)) {
        runs = this.#push(runs, offset - begin);
        begin = offset;
        state = 0;
      }
      for (let y = range.first; y < range.end; y++) {
        const value = column[y];
        if (value > high) above++;
        if (value > low) total++;
        const inside = value > middle ? 1 : 0;
        if (inside !== state) {
          runs = this.#push(runs, offset + y - begin);
          begin = offset + y;
          state = inside;
        }
      }
      if (state === 1 && range.end < height) {
        runs = this.#push(runs, offset + range.end - begin);
        begin = offset + range.end;
        state = 0;
      }
    }
    if (begin < width * height) runs = this.#push(runs, width * height - begin);
    return {
      stability: Math.fround(above / total),
      runs: { width, height, counts: this.#counts.slice(0, runs) },
    };
  }

  #transpose(logits: Float32Array): void {
    const height = this.#samples.length;
    for (let j = 0, at = 0; j < height; j++) {
      for (let i = 0, to = j; i < this.#width; i++, to += height) this.#transposed[to] = logits[at++];
    }
  }

  /** Fills the rows of column x that may exceed a threshold, and returns their range. */
  #stretchColumn(x: number): { first: number; end: number } {
    const samples = this.#samples;
    const { start, count, weights, stride } = this.#columns;
    const { least } = this.#levels;
    for (let k = 0; k < count[x]; k++) {
      const weight = weights[x * stride + k];
      const from = (start[x] + k) * samples.length;
      if (k === 0) {
        for (let j = 0; j < samples.length; j++) samples[j] = weight * this.#transposed[from + j];
      } else for (let j = 0; j < samples.length; j++) samples[j] += weight * this.#transposed[from + j];
    }
    let first = 0, last = samples.length - 1;
    while (first < samples.length && samples[first] <= least) first++;
    if (first > last) return { first: 0, end: 0 };
    while (samples[last] <= least) last--;
    const range = { first: this.#firstRow[first], end: this.#endRow[last] };
    stretch(samples, this.#rows, this.#column, range.first, range.end);
    return range;
  }

  #push(runs: number, length: number): number {
    if (runs === this.#counts.length) {
      const longer = new Uint32Array(2 * runs);
      longer.set(this.#counts);
      this.#counts = longer;
    }
    this.#counts[runs] = length;
    return runs + 1;
  }
}

function stretch(samples: Float64Array, taps: Taps, out: Float64Array, first: number, end: number): void {
  const { start, count, weights, stride } = taps;
  if (stride === 2) {
    const last = samples.length - 1;
    for (let y = first; y < end; y++) {
      // With a single sample the second weight is 0.
      const at = start[y];
      out[y] = weights[2 * y] * samples[at] + weights[2 * y + 1] * samples[at < last ? at + 1 : at];
    }
    return;
  }
  for (let y = first; y < end; y++) {
    let sum = 0;
    for (let k = 0; k < count[y]; k++) sum += weights[y * stride + k] * samples[start[y] + k];
    out[y] = sum;
  }
}
