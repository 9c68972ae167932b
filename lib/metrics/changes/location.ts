/** The location change between two masks or two boxes: 1 − intersection / union. */

import { type Box } from "../../vision/masks/boxes.ts";
import { boxArea, boxIou } from "../../vision/masks/iou.ts";
import type { MetricFidelity } from "../fidelity.ts";
import { requireCount } from "../shapes.ts";

/** The pixels of a mask; every non-zero value counts as set. */
export type MaskData = Uint8Array | Float32Array;

/** 1 − |a ∧ b| / |a ∨ b| over set pixels; NaN if both are empty. */
export function maskChange(a: MaskData, b: MaskData): number {
  requireCount("the number of pixels of the second mask", b.length, a.length);
  let shared = 0;
  let either = 0;
  for (let i = 0; i < a.length; i++) {
    if (a[i] !== 0) {
      either++;
      if (b[i] !== 0) shared++;
    } else if (b[i] !== 0) either++;
  }
  return 1 - shared / either;
}

/**
 * 1 − intersection / union of boxes with area (x2 − x1)(y2 − y1); NaN if the union is 0. A `signed`
 * intersection is the product of the sides even if both are negative.
 */
export function boxChange(a: Box, b: Box, intersection: MetricFidelity["boxIntersection"]): number {
  if (intersection === "clamped") return 1 - boxIou(a, b);
  const width = Math.min(a[2], b[2]) - Math.max(a[0], b[0]);
  const height = Math.min(a[3], b[3]) - Math.max(a[1], b[1]);
  const shared = width * height;
  return 1 - shared / (boxArea(a) + boxArea(b) - shared);
}
