/** The crops on which masks are generated: the whole image, then layers of overlapping crops. */

import type { Box } from "../../vision/masks/boxes.ts";

export interface Crop {
  /** Corners in pixels, the right and lower ones exclusive. */
  readonly box: Box;
  /** 0 for the whole image; layer l has 2ˡ × 2ˡ crops. */
  readonly layer: number;
}

/**
 * The whole image, then the crops layer by layer, column by column. In a layer of n × n crops neighbours share
 * int(overlap · min(width, height) · 2/n) pixels, and a side is ⌈(shared·(n − 1) + side)/n⌉ long.
 *
 * @param overlap of layer 1, as a share of the shorter side
 */
export function cropBoxes(width: number, height: number, layers: number, overlap: number): Crop[] {
  const crops: Crop[] = [{ box: [0, 0, width, height], layer: 0 }];
  for (let layer = 1; layer <= layers; layer++) {
    const n = 2 ** layer;
    const shared = Math.trunc(overlap * Math.min(width, height) * (2 / n));
    const [cropWidth, cropHeight] = [width, height].map((side) => Math.ceil((shared * (n - 1) + side) / n));
    for (let column = 0; column < n; column++) {
      for (let row = 0; row < n; row++) {
        const [left, top] = [(cropWidth - shared) * column, (cropHeight - shared) * row];
        const box = [
          left,
          top,
          Math.min(left + cropWidth, width),
          Math.min(top + cropHeight, height),
        ] as const;
        crops.push({ box, layer });
      }
    }
  }
  return crops;
}
