/** The mask of a filled box. */

import { type Mask, mask } from "../../vision/image.ts";
import type { Box } from "../../vision/masks/boxes.ts";
import type { MetricFidelity } from "../fidelity.ts";

/** A mask of ones inside `box`. With `inclusive`, the last row and column belong to the box. */
export function fillBox(
  [x1, y1, x2, y2]: Box,
  width: number,
  height: number,
  corners: MetricFidelity["filledBox"],
): Mask {
  const filled = mask(width, height);
  const beyond = corners === "inclusive" ? 1 : 0;
  for (let y = y1; y < Math.min(y2 + beyond, height); y++) {
    filled.data.fill(1, y * width + x1, y * width + Math.min(x2 + beyond, width));
  }
  return filled;
}
