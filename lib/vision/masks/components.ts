/** Connected components of a mask. */

import type { Mask } from "../image.ts";

/** Pixels that touch by an edge (4), or by an edge or a corner (8). */
export type Connectivity = 4 | 8;

/**
 * How components are numbered: by their first pixel in raster order, or as OpenCV's connectedComponents does,
 * which differs for 8-connected ones: by their first 2 × 2 block, blocks aligned to even rows and columns, in
 * raster order of blocks.
 */
export type Numbering = "raster" | "opencv";

/** The connected components of a mask. */
export interface Components {
  /** Height × width, row-major; 0 where the mask is 0, else the component's number from 1. */
  readonly labels: Int32Array;
  /** Pixels of component i + 1. */
  readonly areas: readonly number[];
}

/**
 * The connected components of the non-zero pixels of `mask`, found by joining the runs of adjacent rows.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { mask } from "../image.ts";
 * import { connectedComponents } from "./components.ts";
 *
 * const diagonal = mask(2, 2, Uint8Array.from([1, 0, 0, 1]));
 * assert.deepEqual(connectedComponents(diagonal, 4).areas, [1, 1]);
 * assert.deepEqual(connectedComponents(diagonal, 8).areas, [2]);
 * ```
 */
export function connectedComponents(
  mask: Mask,
  connectivity: Connectivity,
  numbering: Numbering = "raster",
): Components {
  const runs = rowRuns(mask);
  const parents = joinRuns(runs, mask.height, connectivity === 8 ? 1 : 0);
  const numbers = numberRoots(runs, parents, mask.width, connectivity === 8 && numbering === "opencv");
  const labels = new Int32Array(mask.width * mask.height);
  const areas: number[] = [];
  for (let y = 0; y < mask.height; y++) {
    const offset = y * mask.width;
    for (let run = runs.firstOfRow[y]; run < runs.firstOfRow[y + 1]; run++) {
      const number = numbers[root(parents, run)];
      labels.fill(number, offset + runs.starts[run], offset + runs.ends[run]);
      areas[number - 1] = (areas[number - 1] ?? 0) + runs.ends[run] - runs.starts[run];
    }
  }
  return { labels, areas };
}

/** Runs of non-zero pixels in raster order; ends are exclusive. `firstOfRow[y]` is the first run of row y. */
interface Runs {
  readonly starts: Int32Array;
  readonly ends: Int32Array;
  readonly firstOfRow: Uint32Array;
}

function rowRuns({ width, height, data }: Mask): Runs {
  let starts = new Int32Array(1024), ends = new Int32Array(1024);
  const firstOfRow = new Uint32Array(height + 1);
  let runs = 0;
  for (let y = 0; y < height; y++) {
    firstOfRow[y] = runs;
    const offset = y * width;
    for (let x = 0; x < width; x++) {
      if (data[offset + x] === 0) continue;
      if (runs === starts.length) [starts, ends] = [enlarged(starts), enlarged(ends)];
      starts[runs] = x;
      while (x < width && data[offset + x] !== 0) x++;
      ends[runs++] = x;
    }
  }
  firstOfRow[height] = runs;
  return { starts: starts.subarray(0, runs), ends: ends.subarray(0, runs), firstOfRow };
}

function enlarged(numbers: Int32Array<ArrayBuffer>): Int32Array<ArrayBuffer> {
  const longer = new Int32Array(2 * numbers.length);
  longer.set(numbers);
  return longer;
}

/** Union-find over runs: two runs of adjacent rows join when they overlap, or are at most `slack` apart. */
function joinRuns(runs: Runs, height: number, slack: number): Uint32Array {
  const parents = new Uint32Array(runs.starts.length);
  for (let run = 0; run < parents.length; run++) parents[run] = run;
  for (let y = 1; y < height; y++) {
    let above = runs.firstOfRow[y - 1];
    let below = runs.firstOfRow[y];
    while (above < runs.firstOfRow[y] && below < runs.firstOfRow[y + 1]) {
      if (runs.starts[above] < runs.ends[below] + slack && runs.starts[below] < runs.ends[above] + slack) {
        const [a, b] = [root(parents, above), root(parents, below)];
        // The smaller run number stays the root, so that a root is its component's first run.
        if (a < b) parents[b] = a;
        else parents[a] = b;
      }
      if (runs.ends[above] < runs.ends[below]) above++;
      else below++;
    }
  }
  return parents;
}

function root(parents: Uint32Array, run: number): number {
  while (parents[run] !== run) {
    parents[run] = parents[parents[run]];
    run = parents[run];
  }
  return run;
}

/** For every root the number of its component, from 1. */
function numberRoots(runs: Runs, parents: Uint32Array, width: number, byBlock: boolean): Uint32Array {
  const numbers = new Uint32Array(parents.length);
  const roots: number[] = [];
  for (let run = 0; run < parents.length; run++) if (parents[run] === run) roots.push(run);
  if (byBlock) {
    const firstBlock = new Float64Array(parents.length).fill(Infinity);
    const blocksPerRow = (width + 1) >> 1;
    for (let y = 0; y + 1 < runs.firstOfRow.length; y++) {
      for (let run = runs.firstOfRow[y]; run < runs.firstOfRow[y + 1]; run++) {
        const block = (y >> 1) * blocksPerRow + (runs.starts[run] >> 1);
        const of = root(parents, run);
        if (block < firstBlock[of]) firstBlock[of] = block;
      }
    }
    roots.sort((a, b) => firstBlock[a] - firstBlock[b]);
  }
  roots.forEach((run, i) => numbers[run] = i + 1);
  return numbers;
}
