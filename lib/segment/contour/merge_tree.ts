/** The tree in which regions merge, most alike first, until one is left. */

import { Heap } from "./heap.ts";
import type { Border, Region } from "./region_graph.ts";

export interface MergedRegion {
  readonly area: number;
  readonly colour: readonly [number, number, number];
  /** The two nodes that it was merged from; undefined for a region of the graph. */
  readonly children?: readonly [number, number];
  /** The dissimilarity at which it came to be; 0 for a region of the graph. Never above that of its parent. */
  readonly level: number;
  /** The dissimilarity at which it is merged away; infinite for one that never is. */
  mergedAt: number;
}

/**
 * Merges regions in the order of their dissimilarity: (mean energy of the common border + distance of the mean colours
 * in L*a*b*) · √(area of the smaller one), so that details merge into what surrounds them before parts merge with each
 * other. Regions of different groups never merge.
 *
 * @param groups of every region
 * @returns the nodes; the first are the regions in their order, and children come before their parent
 */
export function mergeTree(regions: readonly Region[], groups: readonly number[]): MergedRegion[] {
  const nodes: MergedRegion[] = regions.map(({ area, colour }) => ({
    area,
    colour,
    level: 0,
    mergedAt: Infinity,
  }));
  const borders: Map<number, Border>[] = regions.map(({ borders: of }, a) =>
    new Map([...of].filter(([b]) => groups[a] === groups[b]))
  );
  const heap = new Heap<readonly [number, number]>();
  const consider = (a: number, b: number, border: Border) =>
    heap.push(dissimilarity(nodes[a], nodes[b], border), [a, b]);
  borders.forEach((of, a) => of.forEach((border, b) => a < b && consider(a, b, border)));
  let level = 0;
  while (heap.size > 0) {
    const { cost, value: [a, b] } = heap.pop();
    if (nodes[a].mergedAt < Infinity || nodes[b].mergedAt < Infinity) continue;
    level = Math.max(level, cost);
    nodes[a].mergedAt = nodes[b].mergedAt = level;
    const merged = nodes.length;
    nodes.push({ ...together(nodes[a], nodes[b]), children: [a, b], level, mergedAt: Infinity });
    borders.push(joinBorders(borders, a, b));
    for (const [next, border] of borders[merged]) {
      borders[next].delete(a);
      borders[next].delete(b);
      borders[next].set(merged, border);
      consider(merged, next, border);
    }
    borders[a].clear();
    borders[b].clear();
  }
  return nodes;
}

function dissimilarity(a: MergedRegion, b: MergedRegion, { energy, length }: Border): number {
  const colours = Math.hypot(a.colour[0] - b.colour[0], a.colour[1] - b.colour[1], a.colour[2] - b.colour[2]);
  return (energy / length + colours) * Math.sqrt(Math.min(a.area, b.area));
}

function together(a: MergedRegion, b: MergedRegion): Pick<MergedRegion, "area" | "colour"> {
  const area = a.area + b.area;
  const mean = (c: 0 | 1 | 2) => (a.colour[c] * a.area + b.colour[c] * b.area) / area;
  return { area, colour: [mean(0), mean(1), mean(2)] };
}

function joinBorders(borders: readonly Map<number, Border>[], a: number, b: number): Map<number, Border> {
  const joined = new Map<number, Border>();
  for (const [of, other] of [[a, b], [b, a]]) {
    for (const [next, { length, energy }] of borders[of]) {
      if (next === other) continue;
      const border = joined.get(next);
      joined.set(
        next,
        border ? { length: border.length + length, energy: border.energy + energy } : { length, energy },
      );
    }
  }
  return joined;
}
