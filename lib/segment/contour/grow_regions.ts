/** Grows regions into the boundary between them. */

import type { Mask } from "../../vision/image.ts";
import type { Components } from "../../vision/masks/components.ts";

/**
 * `regions` with each grown by `steps` pixels: in each step, a pixel without a region joins the region of a 4-connected
 * neighbour (the first of left, right, above, below). Regions stay disjoint.
 */
export function growRegions(
  { labels, areas }: Components,
  { width, height }: Pick<Mask, "width" | "height">,
  steps: number,
): Components {
  let grown = labels;
  const grownAreas = [...areas];
  for (let step = 0; step < steps; step++) {
    const before = grown;
    grown = before.slice();
    for (let y = 0, i = 0; y < height; y++) {
      for (let x = 0; x < width; x++, i++) {
        if (before[i] !== 0) continue;
        const label = (x > 0 && before[i - 1]) || (x < width - 1 && before[i + 1]) ||
          (y > 0 && before[i - width]) || (y < height - 1 && before[i + width]);
        if (!label) continue;
        grown[i] = label;
        grownAreas[label - 1]++;
      }
    }
  }
  return { labels: grown, areas: grownAreas };
}
