/** The run lengths of all regions of a labelled image, in one pass. */

import type { Components } from "./components.ts";
import type { RunLengths } from "./rle.ts";

/** Columns that are read together, because their pixels in a row lie side by side in memory. */
const BLOCK = 16;

/** The run lengths of one region, as they are found. */
interface OpenRuns {
  readonly counts: number[];
  end: number;
}

/** The run lengths of component i + 1 at i. Takes memory in proportion to the runs, not to the pixels of every mask. */
export function regionRunLengths(
  { labels, areas }: Components,
  width: number,
  height: number,
): RunLengths[] {
  const regions = areas.map((): OpenRuns => ({ counts: [], end: 0 }));
  const columns = new Int32Array(BLOCK * height);
  for (let left = 0; left < width; left += BLOCK) {
    const count = Math.min(BLOCK, width - left);
    for (let y = 0; y < height; y++) {
      for (let x = 0, at = y * width + left, to = y; x < count; x++, to += height) columns[to] = labels[at++];
    }
    addColumns(columns.subarray(0, count * height), left * height, height, regions);
  }
  return regions.map(({ counts, end }) => {
    if (end < width * height) counts.push(width * height - end);
    return { width, height, counts: Uint32Array.from(counts) };
  });
}

function addColumns(columns: Int32Array, offset: number, height: number, regions: OpenRuns[]): void {
  for (let begin = 0; begin < columns.length; begin += height) {
    const stop = begin + height;
    for (let at = begin; at < stop;) {
      const label = columns[at];
      const first = at++;
      while (at < stop && columns[at] === label) at++;
      if (label > 0) append(regions[label - 1], offset + first, at - first);
    }
  }
}

function append(runs: OpenRuns, start: number, length: number): void {
  // A run may go on at the top of the next column.
  if (start === runs.end && runs.counts.length > 0) runs.counts[runs.counts.length - 1] += length;
  else runs.counts.push(start - runs.end, length);
  runs.end = start + length;
}
