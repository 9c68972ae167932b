/** The size of a mask, counted pixel by pixel. */

import type { Mask } from "../../lib/vision/image.ts";

/** The number of pixels of `mask` that are not 0. */
export function maskArea({ data }: Mask): number {
  let area = 0;
  for (let i = 0; i < data.length; i++) if (data[i] !== 0) area++;
  return area;
}
