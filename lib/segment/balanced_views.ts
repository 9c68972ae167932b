/** The mask that each view of an image shows, if all images of a set have the same number of views. */

import { balanceMasks } from "./balance.ts";
import { MaskIndexError } from "./mask_index.ts";

/**
 * Per image of a set the masks (0 the largest) that its `count` views show. Masks are repeated as by `balanceMasks`.
 *
 * @param maskCounts by image, the number of its masks; at most the `count` largest are used
 * @throws {MaskIndexError} for an image without masks, or when no image of the set has `count` masks.
 */
export function balancedViews(maskCounts: readonly number[], count: number): number[][] {
  const kept = maskCounts.map((masks) => Math.min(masks, count));
  const most = Math.max(0, ...kept);
  if (kept.length > 0 && most < count) {
    throw new MaskIndexError(
      `${count} views per image are requested, but no image of the set has more than ${most} masks; ` +
        `ask for at most ${most}`,
    );
  }
  const set = kept.map((masks) =>
    Array.from({ length: masks }, (_, key) => ({ key, file: `mask_${key}.png` }))
  );
  return balanceMasks(set).map((masks, i) => masks.slice(0, count).map(({ key }) => key % kept[i]));
}
