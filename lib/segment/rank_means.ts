/** Means over the masks of each rank, and the number of ranks to keep. */

/**
 * For every rank j the mean of the j-th value over the images that have at least j + 1 masks.
 *
 * @param values per image a value for each of its masks, the largest mask first: its share of the image, or of
 * itself that lies on the object
 */
export function meanByRank(values: readonly (readonly number[])[]): number[] {
  const means: number[] = [];
  for (let rank = 0;; rank++) {
    const present = values.filter((list) => list.length > rank);
    if (present.length === 0) return means;
    means.push(present.reduce((sum, list) => sum + list[rank], 0) / present.length);
  }
}

/** The number of masks to keep: the first rank with a mean size below `threshold`, or all. */
export function masksToKeep(means: readonly number[], threshold = 0.01): number {
  const first = means.findIndex((mean) => mean < threshold);
  return first < 0 ? means.length : first;
}
