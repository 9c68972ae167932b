/** How large masks are by rank, and how many of them are worth keeping. */

/**
 * For every rank j the mean of the j-th size over the images that have at least j + 1 masks.
 *
 * @param sizes per image the shares 0 … 1 of its masks, falling
 */
export function meanSizeByRank(sizes: readonly (readonly number[])[]): number[] {
  const means: number[] = [];
  for (let rank = 0;; rank++) {
    const present = sizes.filter((list) => list.length > rank);
    if (present.length === 0) return means;
    means.push(present.reduce((sum, list) => sum + list[rank], 0) / present.length);
  }
}

/** The number of masks to keep: the first rank whose mean size is below `threshold`, or all. */
export function masksToKeep(means: readonly number[], threshold = 0.01): number {
  const first = means.findIndex((mean) => mean < threshold);
  return first < 0 ? means.length : first;
}
