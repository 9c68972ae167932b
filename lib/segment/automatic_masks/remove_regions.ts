/** Small holes and islands of a mask's logits, at the model's resolution. */

/** The distance from the mask threshold to which the logits of a removed region are set. */
export const CERTAINTY = 10;

export interface RegionLimits {
  /** The logit above which a pixel is inside. */
  readonly threshold: number;
  /** The largest hole that is filled and the largest island that is dropped, in pixels of the logits. */
  readonly hole: number;
  readonly island: number;
}

/** Memory for maps of one size, used again for every mask. */
export class RegionMemory {
  /** The index of the first pixel of every run; runs end where the next one begins, and at the end of a row. */
  readonly starts: Int32Array;
  /** Whether a run is inside the mask. */
  readonly inside: Uint8Array;
  /** Union-find over runs: the root of a region is its first run. */
  readonly parents: Int32Array;
  /** Pixels of the region, at its root. */
  readonly areas: Int32Array;
  readonly firstOfRow: Int32Array;
  readonly cleaned: Float32Array;

  constructor(readonly width: number, readonly height: number) {
    const pixels = width * height;
    this.starts = new Int32Array(pixels + 1);
    this.inside = new Uint8Array(pixels);
    this.parents = new Int32Array(pixels);
    this.areas = new Int32Array(pixels);
    this.firstOfRow = new Int32Array(height + 1);
    this.cleaned = new Float32Array(pixels);
  }
}

/**
 * Logits without small 8-connected regions: holes (not above `threshold`) are raised to threshold + 10, then islands
 * (above `threshold` in the original logits) are lowered to threshold − 10. Returns the given array if there is no such
 * region, else `memory.cleaned`, which the next call overwrites.
 */
export function removeRegions(
  logits: Float32Array,
  width: number,
  height: number,
  { threshold, hole, island }: RegionLimits,
  memory = new RegionMemory(width, height),
): Float32Array {
  if (hole <= 0 && island <= 0) return logits;
  const runs = findRuns(logits, Math.fround(threshold), memory);
  for (let y = 1; y < height; y++) joinRows(memory, y);
  const { starts, inside, parents, areas, cleaned } = memory;
  areas.fill(0, 0, runs);
  for (let run = 0; run < runs; run++) areas[root(parents, run)] += starts[run + 1] - starts[run];
  let result = logits;
  for (let run = 0; run < runs; run++) {
    const area = areas[root(parents, run)];
    if (area > (inside[run] ? island : hole)) continue;
    if (result === logits) {
      cleaned.set(logits);
      result = cleaned;
    }
    cleaned.fill(inside[run] ? threshold - CERTAINTY : threshold + CERTAINTY, starts[run], starts[run + 1]);
  }
  return result;
}

/** Splits the rows into runs inside and outside of the mask, and returns their number. */
function findRuns(logits: Float32Array, limit: number, memory: RegionMemory): number {
  const { width, height, starts, inside, parents, firstOfRow } = memory;
  let runs = 0;
  for (let y = 0, at = 0; y < height; y++) {
    firstOfRow[y] = runs;
    let state = logits[at] > limit;
    starts[runs] = at;
    inside[runs] = state ? 1 : 0;
    parents[runs] = runs++;
    for (const end = at++ + width; at < end; at++) {
      if (logits[at] > limit === state) continue;
      state = !state;
      starts[runs] = at;
      inside[runs] = state ? 1 : 0;
      parents[runs] = runs++;
    }
  }
  firstOfRow[height] = runs;
  starts[runs] = width * height;
  return runs;
}

/** Joins the runs of row y with those of the row above that they touch. */
function joinRows({ width, starts, inside, parents, firstOfRow }: RegionMemory, y: number): void {
  const last = firstOfRow[y + 1] - 1;
  let above = firstOfRow[y - 1];
  let below = firstOfRow[y];
  while (true) {
    const alike = inside[above] === inside[below];
    if (alike) join(parents, above, below);
    const distance = starts[above + 1] + width - starts[below + 1];
    if (distance < 0) above++;
    else if (distance > 0) below++;
    else if (below === last) return;
    else {
      // Both runs end in the same column, so that each touches the run after the other at a corner.
      if (!alike) {
        join(parents, above, below + 1);
        join(parents, above + 1, below);
      }
      above++;
      below++;
    }
  }
}

function join(parents: Int32Array, a: number, b: number): void {
  const [first, second] = [root(parents, a), root(parents, b)];
  if (first < second) parents[second] = first;
  else parents[first] = second;
}

function root(parents: Int32Array, run: number): number {
  while (parents[run] !== run) {
    parents[run] = parents[parents[run]];
    run = parents[run];
  }
  return run;
}
