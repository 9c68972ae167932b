/** Repeats masks, so that every image of a set has the same number of them. */

import { MaskIndexError, type MaskRecord } from "./mask_index.ts";

/**
 * The masks of every image of a set, repeated until all have as many as the image with most. With n masks and
 * q, r = divmod(most, n), every mask is appended q − 1 times and the first r of them once more; copies follow the
 * originals, mask by mask. Copy i of mask k of n has the key n(i + 1) + k and the file name `<stem>_<i>.png`.
 *
 * @param set per image its masks, in view order
 * @throws {MaskIndexError} for an image without masks.
 */
export function balanceMasks(set: readonly (readonly MaskRecord[])[]): MaskRecord[][] {
  const most = Math.max(0, ...set.map((masks) => masks.length));
  return set.map((masks, i) => {
    if (masks.length === 0) {
      throw new MaskIndexError(
        `image ${i} of the set has no mask; every image needs at least one to be balanced`,
      );
    }
    let rest = most % masks.length;
    const copies = Math.floor(most / masks.length) - 1;
    const balanced = [...masks];
    for (const mask of masks) {
      const count = copies + (rest > 0 ? 1 : 0);
      if (rest > 0) rest--;
      for (let copy = 0; copy < count; copy++) {
        balanced.push({
          ...mask,
          key: masks.length * (copy + 1) + mask.key,
          file: mask.file.replace(/(\.[^.]*)?$/, `_${copy}$1`),
        });
      }
    }
    return balanced;
  });
}
