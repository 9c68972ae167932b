/** The mean difference of the maps of one image, pair by pair. */

/**
 * For each of `count` items the sum of its differences to all of them, itself included, divided by `count` − 1;
 * then the mean over the items. NaN for one item.
 *
 * @param difference of two items, given by their numbers; symmetric
 */
export function meanPairDifference(count: number, difference: (a: number, b: number) => number): number {
  let sum = 0;
  for (let a = 0; a < count; a++) {
    sum += difference(a, a);
    for (let b = a + 1; b < count; b++) sum += 2 * difference(a, b);
  }
  return sum / (count - 1) / count;
}
