/** Figure and ground: the connected regions that stand out most from what reaches the edge of the image. */

import { Heap } from "./heap.ts";
import type { Region } from "./region_graph.ts";

/**
 * The numbers of the regions of the figure. The ground grows from the regions at the edge of the image, always across
 * the weakest border that is left (Prim's order); at every moment what it has not reached falls into connected parts.
 * Of all of these parts the figure is the one with the highest mean energy of its border times the root of its area.
 * The set is empty where every region lies at the edge.
 */
export function figureRegions(regions: readonly Region[]): Set<number> {
  const order = groundOrder(regions);
  // Backwards, the parts only grow together, so that their areas and borders are kept up in one pass.
  const parts = new Parts(regions);
  let best = 0;
  let bestStep = order.length;
  for (let step = order.length - 1; step >= 0; step--) {
    const score = parts.add(order[step]);
    if (score > best) [best, bestStep] = [score, step];
  }
  return new Set(
    bestStep === order.length ? [] : partOf(order[bestStep], new Set(order.slice(bestStep)), regions),
  );
}

/** The regions that don't lie at the image's edge, in the order in which the ground reaches them. */
function groundOrder(regions: readonly Region[]): number[] {
  const heap = new Heap<number>();
  const reached = new Set<number>();
  const reach = (number: number) => {
    reached.add(number);
    for (const [next, { energy, length }] of regions[number].borders) {
      if (!reached.has(next)) heap.push(energy / length, next);
    }
  };
  regions.forEach(({ atImageEdge }, number) => atImageEdge && reached.add(number));
  for (const number of [...reached]) reach(number);
  const order: number[] = [];
  while (heap.size > 0) {
    const { value } = heap.pop();
    if (reached.has(value)) continue;
    order.push(value);
    reach(value);
  }
  return order;
}

/** The connected parts of a growing set of regions, by union-find. */
class Parts {
  readonly #regions: readonly Region[];
  readonly #parents = new Map<number, number>();
  readonly #totals = new Map<number, { area: number; length: number; energy: number }>();

  constructor(regions: readonly Region[]) {
    this.#regions = regions;
  }

  /** Adds a region; returns the score of the part that it is in then. */
  add(number: number): number {
    const { area, borders } = this.#regions[number];
    const total = { area, length: 0, energy: 0 };
    this.#parents.set(number, number);
    this.#totals.set(number, total);
    for (const [next, border] of borders) {
      const inside = this.#parents.has(next);
      const root = inside ? this.#root(next) : number;
      if (root !== number) {
        const other = this.#totals.get(root)!;
        total.area += other.area;
        total.length += other.length;
        total.energy += other.energy;
        this.#parents.set(root, number);
      }
      const sign = inside ? -1 : 1;
      total.length += sign * border.length;
      total.energy += sign * border.energy;
    }
    return total.length > 0 ? (total.energy / total.length) * Math.sqrt(total.area) : 0;
  }

  #root(number: number): number {
    let parent = this.#parents.get(number)!;
    while (parent !== number) {
      const above = this.#parents.get(parent)!;
      this.#parents.set(number, above);
      [number, parent] = [parent, above];
    }
    return number;
  }
}

function partOf(first: number, inside: ReadonlySet<number>, regions: readonly Region[]): number[] {
  const part = [first];
  const seen = new Set(part);
  for (const number of part) {
    for (const next of regions[number].borders.keys()) {
      if (!inside.has(next) || seen.has(next)) continue;
      seen.add(next);
      part.push(next);
    }
  }
  return part;
}
