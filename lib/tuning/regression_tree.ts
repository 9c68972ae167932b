/** Regression trees: functions on the unit cube that are constant on boxes, fitted to points by least squares. */

import type { RandomStream } from "../tensor/random.ts";

/** A box of the cube and the value of the tree there. */
export interface Leaf {
  readonly value: number;
  /** Bounds by dimension, from 0 to 1. */
  readonly low: readonly number[];
  readonly high: readonly number[];
}

/** The points of a tree: `points[i]` is a place in the cube, `values[i]` what is found there. */
export interface TreeSample {
  readonly points: readonly (readonly number[])[];
  readonly values: readonly number[];
}

/**
 * Grows a tree until each leaf has points of one value, or of one place (CART, Breiman et al., 1984). Of splits that are
 * as good, that of the dimension is taken which `random` puts first.
 */
export function treeLeaves(sample: TreeSample, random: RandomStream): Leaf[] {
  const dimensions = sample.points[0].length;
  const leaves: Leaf[] = [];
  const open = [{
    members: sample.points.map((_, i) => i),
    low: new Array<number>(dimensions).fill(0),
    high: new Array<number>(dimensions).fill(1),
  }];
  for (let box = open.pop(); box; box = open.pop()) {
    const { members, low, high } = box;
    const split = bestSplit(sample, members, random);
    if (!split) {
      const sum = members.reduce((sum, i) => sum + sample.values[i], 0);
      leaves.push({ value: sum / members.length, low, high });
      continue;
    }
    const { dimension, at } = split;
    const isLow = (i: number) => sample.points[i][dimension] < at;
    open.push(
      { members: members.filter(isLow), low, high: high.with(dimension, at) },
      { members: members.filter((i) => !isLow(i)), low: low.with(dimension, at), high },
    );
  }
  return leaves;
}

interface Split {
  readonly dimension: number;
  readonly at: number;
}

/** The split that lowers the sum of squares most; undefined where there is nothing to part. */
function bestSplit(
  { points, values }: TreeSample,
  members: readonly number[],
  random: RandomStream,
): Split | undefined {
  if (members.every((i) => values[i] === values[members[0]])) return undefined;
  const total = members.reduce((sum, i) => sum + values[i], 0);
  let best: Split | undefined;
  let bestScore = 0;
  for (const dimension of shuffled(points[0].length, random)) {
    const sorted = members.toSorted((a, b) => points[a][dimension] - points[b][dimension]);
    let below = 0;
    for (let count = 1; count < sorted.length; count++) {
      below += values[sorted[count - 1]];
      const [before, after] = [points[sorted[count - 1]][dimension], points[sorted[count]][dimension]];
      if (before === after) continue;
      const score = below ** 2 / count + (total - below) ** 2 / (sorted.length - count);
      // A sum in another order may differ in its last bits.
      if (!best || score > bestScore + 1e-12 * Math.abs(bestScore)) {
        [best, bestScore] = [{ dimension, at: (before + after) / 2 }, score];
      }
    }
  }
  return best;
}

/** The numbers below `count` in random order (Fisher and Yates). */
function shuffled(count: number, random: RandomStream): number[] {
  const order = Array.from({ length: count }, (_, i) => i);
  for (let i = count - 1; i > 0; i--) {
    const j = Math.floor(random.uniform() * (i + 1));
    [order[i], order[j]] = [order[j], order[i]];
  }
  return order;
}
