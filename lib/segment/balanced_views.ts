/** Which masks of an image its views show, once all images of a set have as many. */

import { balanceMasks } from "./balance.ts";
import { MaskIndexError } from "./mask_index.ts";

/**
 * Per image of a set the masks (0 the largest) that its `count` views show. Masks are repeated as by `balanceMasks`.
 *
 * @param maskCounts per image the number of its masks, of which the `count` largest count at most
 * @throws {MaskIndexError} for an image without masks, or when no image of the set has as many masks as views are asked
 * for.
 */
export function balancedViews(maskCounts: readonly number[], count: number): number[][] {
  const kept = maskCounts.map((masks) => Math.min(masks, count));
  const most = Math.max(0, ...kept);
  if (kept.length > 0 && most < count) {
    throw new MaskIndexError(
      `${count} views of every image were asked for, but no image of the set has more than ${most} masks; ` +
        `ask for at most ${most}`,
    );
  }
  const set = kept.map((masks) =>
    Array.from({ length: masks }, (_, key) => ({ key, file: `mask_${key}.png` }))
  );
  return balanceMasks(set).map((masks, i) => masks.slice(0, count).map(({ key }) => key % kept[i]));
}
