/** Removal of small holes and small islands of a mask. */

import { type Mask, mask as newMask } from "../image.ts";
import { connectedComponents } from "./components.ts";

/** `holes`: components of zeros, which are filled; `islands`: components of ones, which are dropped. */
export type RegionKind = "holes" | "islands";

/**
 * Fills or drops the 8-connected regions of `mask` with fewer than `area` pixels, and returns whether there were any.
 * If all islands are small, the largest is kept (of equal ones the first in OpenCV's numbering).
 */
export function removeSmallRegions(
  mask: Mask,
  area: number,
  kind: RegionKind,
): { mask: Mask; changed: boolean } {
  const { width, height } = mask;
  const wanted = kind === "holes" ? 0 : 1;
  const regions = newMask(width, height);
  for (let i = 0; i < mask.data.length; i++) {
    if ((mask.data[i] !== 0 ? 1 : 0) === wanted) regions.data[i] = 1;
  }
  const { labels, areas } = connectedComponents(regions, 8, "opencv");
  if (areas.every((size) => size >= area)) return { mask, changed: false };
  const keep = new Uint8Array(areas.length + 1);
  areas.forEach((size, i) => keep[i + 1] = size >= area ? 1 : 0);
  if (kind === "islands" && !keep.includes(1)) keep[areas.indexOf(Math.max(...areas)) + 1] = 1;
  const result = newMask(width, height);
  for (let i = 0; i < labels.length; i++) {
    const isKept = keep[labels[i]] === 1;
    if (kind === "holes" ? !isKept : isKept) result.data[i] = 1;
  }
  return { mask: result, changed: true };
}
