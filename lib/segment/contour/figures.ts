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
  const rest = newMask(width, height);
  for (let i = 0; i < labels.length; i++) rest.data[i] = ground.has(labels[i]) ? 0 : 1;
  const found = connectedComponents(rest, 8, "opencv");
  const regions = found.areas.map(() => new Set<number>());
  for (let i = 0; i < labels.length; i++) {
    if (labels[i] > 0 && found.labels[i] > 0) regions[found.labels[i] - 1].add(labels[i]);
  }
  const kept = regions.flatMap(({ size }, i) => size > 1 ? [i + 1] : []);
  const numbers = new Int32Array(found.areas.length + 1);
  kept.forEach((figure, i) => numbers[figure] = i + 1);
  for (let i = 0; i < labels.length; i++) found.labels[i] = numbers[found.labels[i]];
  return { labels: found.labels, areas: kept.map((figure) => found.areas[figure - 1]) };
}

function groundRegions(labels: Int32Array, width: number, height: number): Set<number> {
  const ground = new Set<number>();
  for (let x = 0; x < width; x++) ground.add(labels[x]).add(labels[(height - 1) * width + x]);
  for (let y = 0; y < height; y++) ground.add(labels[y * width]).add(labels[(y + 1) * width - 1]);
  ground.delete(0);
  return ground;
}
