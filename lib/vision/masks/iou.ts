/** Intersection over union of boxes and of masks. */

import type { Box } from "./boxes.ts";
import { runLengthArea, runLengthIntersection, type RunLengths } from "./rle.ts";

const f32 = Math.fround;

/** (x2 − x1)(y2 − y1) in float32. */
export function boxArea([x1, y1, x2, y2]: Box): number {
  return f32(f32(f32(x2) - f32(x1)) * f32(f32(y2) - f32(y1)));
}

/**
 * Intersection over union of two corner boxes, in float32 with areas (x2 − x1)(y2 − y1); NaN where both areas
 * are 0.
 */
export function boxIou(a: Box, b: Box): number {
  const width = Math.max(0, f32(f32(Math.min(a[2], b[2])) - f32(Math.max(a[0], b[0]))));
  const height = Math.max(0, f32(f32(Math.min(a[3], b[3])) - f32(Math.max(a[1], b[1]))));
  const shared = f32(width * height);
  return f32(shared / f32(f32(boxArea(a) + boxArea(b)) - shared));
}

/**
 * Intersection over union of two masks of one size. With `crowd`, `b` marks a region of which `a` may be a part,
 * so that the divisor is the area of `a` alone. 0 where nothing is shared.
 */
export function maskIou(a: RunLengths, b: RunLengths, crowd = false): number {
  const shared = runLengthIntersection(a, b);
  if (shared === 0) return 0;
  const area = runLengthArea(a);
  return shared / (crowd ? area : area + runLengthArea(b) - shared);
}
