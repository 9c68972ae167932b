/** Prototypes that are duplicates of each other. */

import type { Evaluation } from "../../evaluate/evaluation_file.ts";
import type { ProjectedPrototype } from "../../models/projection/prototype_list.ts";

/** Prototypes whose elements differ by less than this (root mean square; elements lie between 0 and 1) are duplicates. */
export const DUPLICATE_WITHIN = 0.01;

/**
 * The groups of two and more prototypes that come from the same place of an image, or whose elements hardly differ; the
 * prototypes of a group and the groups in ascending order.
 *
 * @param sources the place that each prototype came from
 */
export function duplicateGroups(
  { prototypes }: Pick<Evaluation, "prototypes">,
  sources: readonly ProjectedPrototype[],
): number[][] {
  const parents = prototypes.map((_, i) => i);
  const rootOf = (one: number): number => parents[one] === one ? one : parents[one] = rootOf(parents[one]);
  const join = (a: number, b: number) => {
    const [low, high] = [rootOf(a), rootOf(b)].sort((x, y) => x - y);
    parents[high] = low;
  };
  for (const { prototype, nearest } of prototypes) {
    if (nearest && nearest.difference < DUPLICATE_WITHIN) join(prototype, nearest.prototype);
  }
  const firstAt = new Map<string, number>();
  for (const { prototype, sample, view, position } of sources) {
    const place = `${sample} ${view} ${position}`;
    const first = firstAt.get(place);
    if (first === undefined) firstAt.set(place, prototype);
    else join(first, prototype);
  }
  const groups = new Map<number, number[]>();
  prototypes.forEach((_, i) => groups.set(rootOf(i), [...groups.get(rootOf(i)) ?? [], i]));
  return [...groups.values()].filter((group) => group.length > 1);
}

/** For each prototype, the others of its group. */
export function othersOf(groups: readonly (readonly number[])[]): ReadonlyMap<number, readonly number[]> {
  return new Map(
    groups.flatMap((group) =>
      group.map((one): [number, number[]] => [one, group.filter((other) => other !== one)])
    ),
  );
}
