/** Figures: regions that lie within the image, joined where they touch. */

import { type Mask, mask as newMask } from "../../vision/image.ts";
import { type Components, connectedComponents } from "../../vision/masks/components.ts";

/**
 * Surrounded regions are perceived as figures on a ground (Rubin 1921): the regions that touch the image's edge are
 * ground, and the 8-connected components of all other pixels, boundary pixels included, are figures. A figure with fewer
 * than two regions is left out.
 */
export function figures(
  { labels }: Components,
  { width, height }: Pick<Mask, "width" | "height">,
): Components {
  const ground = groundRegions(labels, width, height);
  const rest = newMask(width, height, Uint8Array.from(labels, (label) => ground.has(label) ? 0 : 1));
  const found = connectedComponents(rest, 8, "opencv");
  const regions = found.areas.map(() => new Set<number>());
  found.labels.forEach((figure, i) => figure > 0 && labels[i] > 0 && regions[figure - 1].add(labels[i]));
  const kept = regions.flatMap(({ size }, i) => size > 1 ? [i + 1] : []);
  const numbers = new Map(kept.map((figure, i) => [figure, i + 1]));
  return {
    labels: found.labels.map((figure) => numbers.get(figure) ?? 0),
    areas: kept.map((figure) => found.areas[figure - 1]),
  };
}

function groundRegions(labels: Int32Array, width: number, height: number): Set<number> {
  const ground = new Set<number>();
  for (let x = 0; x < width; x++) ground.add(labels[x]).add(labels[(height - 1) * width + x]);
  for (let y = 0; y < height; y++) ground.add(labels[y * width]).add(labels[(y + 1) * width - 1]);
  ground.delete(0);
  return ground;
}
