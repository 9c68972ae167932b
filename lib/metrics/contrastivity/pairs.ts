/** The mean pairwise difference of the maps of one image. */

/**
 * For each of `count` items, the sum of its differences to all items, including itself, divided by `count` −
 * 1; then the mean over the items. NaN for one item.
 *
 * @param difference the difference of two items, given by their indices; must be symmetric
 */
export function meanPairDifference(count: number, difference: (a: number, b: number) => number): number {
  let sum = 0;
  for (let a = 0; a < count; a++) {
    sum += difference(a, a);
    for (let b = a + 1; b < count; b++) sum += 2 * difference(a, b);
  }
  return sum / (count - 1) / count;
}
