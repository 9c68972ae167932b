/** Patches: an object's box split into a grid of rectangular masks. */

import type { Box } from "../vision/masks/boxes.ts";
import type { RunLengths } from "../vision/masks/rle.ts";
import { rectangleRunLengths } from "../vision/masks/rle_parts.ts";

/**
 * `factor`² masks that tile `box`, column by column, each int((x2 − x1)/factor) × int((y2 − y1)/factor) pixels
 * from the box's corner on, clipped to the image. The reference implementation shuffles them
 * afterwards with an unseeded generator; here they keep their order.
 *
 * @param box corners in pixels, truncated to integers
 */
export function patchMasks(width: number, height: number, box: Box, factor = 2): RunLengths[] {
  const [x1, y1, x2, y2] = box;
  const patchWidth = Math.trunc((x2 - x1) / factor);
  const patchHeight = Math.trunc((y2 - y1) / factor);
  const masks: RunLengths[] = [];
  for (let column = 0; column < factor; column++) {
    for (let row = 0; row < factor; row++) {
      const left = Math.trunc(x1) + column * patchWidth;
      const top = Math.trunc(y1) + row * patchHeight;
      masks.push(rectangleRunLengths(width, height, [
        Math.max(left, 0),
        Math.max(top, 0),
        Math.min(left + patchWidth, width),
        Math.min(top + patchHeight, height),
      ]));
    }
  }
  return masks;
}
