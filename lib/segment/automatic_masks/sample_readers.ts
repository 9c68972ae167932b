/** Which outputs of a stretching along one axis read a sample. */

import type { Taps } from "../../vision/resize/taps.ts";

/** For every sample of an axis the outputs that read it; outputs read samples in their order. */
export class SampleReaders {
  /** The first output that reads sample j or a later one. */
  readonly first: Int32Array;
  /** The output after the last that reads sample j or an earlier one. */
  readonly end: Int32Array;
  /** The output after the last that reads only sample j and earlier ones. */
  readonly within: Int32Array;

  /** @param samples the length of the axis */
  constructor(private readonly taps: Taps, samples: number) {
    const { start, count } = taps;
    const outputs = start.length;
    this.first = new Int32Array(samples).fill(outputs);
    this.end = new Int32Array(samples);
    this.within = new Int32Array(samples).fill(outputs);
    for (let y = outputs - 1; y >= 0; y--) {
      const last = start[y] + count[y] - 1;
      for (let j = start[y]; j <= last; j++) {
        this.first[j] = y;
        this.end[j] = Math.max(this.end[j], y + 1);
      }
      if (last > 0) this.within[last - 1] = y;
    }
    // If an axis is shortened, some samples are read by no output.
    for (let j = samples - 2; j >= 0; j--) {
      this.first[j] = Math.min(this.first[j], this.first[j + 1]);
      this.within[j] = Math.min(this.within[j], this.within[j + 1]);
    }
    for (let j = 1; j < samples; j++) this.end[j] = Math.max(this.end[j], this.end[j - 1]);
  }

  /** The samples that the outputs from `first` to `end` (exclusive) read; `end` is exclusive. */
  samplesRead(first: number, end: number): { first: number; end: number } {
    if (first >= end) return { first: 0, end: 0 };
    const { start, count } = this.taps;
    return { first: start[first], end: start[end - 1] + count[end - 1] };
  }
}
