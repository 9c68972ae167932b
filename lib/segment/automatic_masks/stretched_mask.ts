/** A mask at a crop's resolution: stability and run lengths, computed column by column from its logits. */

import type { RunLengths } from "../../vision/masks/rle.ts";
import type { Taps } from "../../vision/resize/taps.ts";
import { SampleReaders } from "./sample_readers.ts";
import type { Stretching } from "./promptable_model.ts";
import { RunWriter } from "./run_writer.ts";

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
 * The weights of an output sample add up to 1 but for rounding. Where all of its inputs are beyond a threshold by this
 * share of it, the output is beyond the threshold.
 */
const ROUNDING = 1e-5;

/** The part of the logits that may exceed a threshold, and the outputs that read it; ends are exclusive. */
interface Bounds {
  readonly top: number;
  readonly bottom: number;
  readonly firstColumn: number;
  readonly endColumn: number;
  /** The samples that are read to compute the outputs of a column. */
  readonly firstSample: number;
  readonly endSample: number;
}

/**
 * Stretches logits to a crop and measures them column by column: the masks of a batch at full resolution would need
 * gigabytes. Only what lies near a threshold is computed; what is surely inside or outside is counted.
 */
export class MaskStretcher {
  readonly #width: number;
  readonly #height: number;
  readonly #columns: Taps;
  readonly #rows: Taps;
  readonly #columnReaders: SampleReaders;
  readonly #rowReaders: SampleReaders;
  /** The logits column by column, and one output column before it is stretched. */
  readonly #transposed: Float32Array;
  readonly #samples: Float64Array;
  readonly #low: number;
  readonly #middle: number;
  readonly #high: number;
  readonly #least: number;
  readonly #surelyOutside: number;
  readonly #surelyInside: number;
  readonly #runs = new RunWriter();
  #above = 0;
  #total = 0;

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
    this.#height = height;
    this.#columns = columns;
    this.#rows = rows;
    this.#columnReaders = new SampleReaders(columns, width);
    this.#rowReaders = new SampleReaders(rows, height);
    this.#transposed = new Float32Array(width * height);
    this.#samples = new Float64Array(height);
    [this.#low, this.#middle, this.#high] = [threshold - offset, threshold, threshold + offset].map(
      Math.fround,
    );
    this.#least = Math.min(this.#low, this.#middle, this.#high);
    const most = Math.max(this.#low, this.#middle, this.#high);
    this.#surelyOutside = this.#least - ROUNDING * Math.abs(this.#least);
    this.#surelyInside = most + ROUNDING * Math.abs(most);
  }

  /** @param logits row-major */
  measure(logits: Float32Array): StretchedMask {
    const [width, height] = [this.#columns.start.length, this.#rows.start.length];
    this.#above = 0;
    this.#total = 0;
    this.#runs.begin();
    const bounds = this.#boundsOf(logits);
    if (bounds) {
      this.#transpose(logits, bounds);
      for (let x = bounds.firstColumn; x < bounds.endColumn; x++) {
        this.#stretchColumn(x, bounds);
        // Beside the rows: the beginning of the column, and the place after the last change, which is written too.
        this.#runs.reserve(height + 2);
        this.#measureColumn(x * height, bounds);
      }
      if (bounds.endColumn < width) this.#runs.enter(0, bounds.endColumn * height);
    }
    return {
      stability: Math.fround(this.#above / this.#total),
      runs: { width, height, counts: this.#runs.finish(width * height) },
    };
  }

  /** Undefined where all logits are surely outside. */
  #boundsOf(logits: Float32Array): Bounds | undefined {
    const [width, height, outside] = [this.#width, this.#height, this.#surelyOutside];
    let left = width, right = -1, top = height, bottom = -1;
    for (let y = 0, begin = 0; y < height; y++, begin += width) {
      const end = begin + width;
      let first = begin;
      while (first < end && logits[first] <= outside) first++;
      if (first === end) continue;
      let last = end - 1;
      while (logits[last] <= outside) last--;
      left = Math.min(left, first - begin);
      right = Math.max(right, last - begin);
      top = Math.min(top, y);
      bottom = y;
    }
    if (bottom < 0) return undefined;
    const rows = this.#rowReaders.samplesRead(this.#rowReaders.first[top], this.#rowReaders.end[bottom]);
    return {
      top,
      bottom: bottom + 1,
      firstColumn: this.#columnReaders.first[left],
      endColumn: this.#columnReaders.end[right],
      firstSample: Math.min(top, rows.first),
      endSample: Math.max(bottom + 1, rows.end),
    };
  }

  #transpose(logits: Float32Array, { firstColumn, endColumn, firstSample, endSample }: Bounds): void {
    const [width, height, transposed] = [this.#width, this.#height, this.#transposed];
    const { first, end } = this.#columnReaders.samplesRead(firstColumn, endColumn);
    // In narrow blocks, whose columns stay in the processor's first cache.
    for (let begin = first; begin < end; begin += 16) {
      const stop = Math.min(begin + 16, end);
      for (let j = firstSample; j < endSample; j++) {
        for (let i = begin, at = j * width + begin; i < stop; i++) transposed[i * height + j] = logits[at++];
      }
    }
  }

  /** The samples of output column x: the logits, stretched along their rows. */
  #stretchColumn(x: number, { firstSample, endSample }: Bounds): void {
    const [samples, transposed, height] = [this.#samples, this.#transposed, this.#height];
    const { start, count, weights, stride } = this.#columns;
    const at = start[x] * height;
    const weight = weights[x * stride];
    if (count[x] === 2) {
      const second = weights[x * stride + 1];
      for (let j = firstSample; j < endSample; j++) {
        samples[j] = weight * transposed[at + j] + second * transposed[at + height + j];
      }
      return;
    }
    for (let j = firstSample; j < endSample; j++) samples[j] = weight * transposed[at + j];
    for (let k = 1; k < count[x]; k++) {
      const other = weights[x * stride + k];
      const from = at + k * height;
      for (let j = firstSample; j < endSample; j++) samples[j] += other * transposed[from + j];
    }
  }

  /** Stretches the samples along the column, counts, and writes runs; `offset` is the column's first position. */
  #measureColumn(offset: number, { top, bottom }: Bounds): void {
    const [samples, least, runs] = [this.#samples, this.#least, this.#runs];
    let from = top, to = bottom - 1;
    while (from < bottom && samples[from] <= least) from++;
    if (from === bottom) return runs.enter(0, offset);
    while (samples[to] <= least) to--;
    const { first, end, within } = this.#rowReaders;
    const [outside, inside] = [this.#surelyOutside, this.#surelyInside];
    const [low, middle, high] = [this.#low, this.#middle, this.#high];
    const { start, count, weights, stride } = this.#rows;
    const stop = end[to];
    let y = first[from];
    if (y > 0) runs.enter(0, offset);
    const { changes } = runs;
    let { length, state } = runs;
    let above = 0, total = 0;
    while (y < stop) {
      const at = start[y];
      const value = samples[at];
      const isInside = value > inside;
      if (isInside || value <= outside) {
        let sample = at + 1;
        if (isInside) { while (sample < bottom && samples[sample] > inside) sample++; }
        else while (sample < bottom && samples[sample] <= outside) sample++;
        const until = Math.min(within[sample - 1], stop);
        if (until > y) {
          const next = Number(isInside);
          above += next * (until - y);
          total += next * (until - y);
          changes[length] = offset + y;
          length += state ^ next;
          state = next;
          y = until;
          if (y >= stop) break;
        }
      }
      // No branches, because near a threshold a processor can't foresee them: each row is written as a change, and is
      // overwritten if it is none.
      const from = start[y];
      do {
        let value = weights[y * stride] * samples[from];
        for (let k = 1; k < count[y]; k++) value += weights[y * stride + k] * samples[from + k];
        const next = Number(value > middle);
        above += Number(value > high);
        total += Number(value > low);
        changes[length] = offset + y;
        length += state ^ next;
        state = next;
        y++;
      } while (y < stop && start[y] === from);
    }
    this.#above += above;
    this.#total += total;
    runs.length = length;
    runs.state = state;
    if (stop < start.length) runs.enter(0, offset + stop);
  }
}
