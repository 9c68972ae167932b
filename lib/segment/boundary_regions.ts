/** The regions enclosed by boundaries: the last step of SLIT, from a boundary map to masks. */

import { type Mask, mask as newMask } from "../vision/image.ts";
import { type Components, connectedComponents } from "../vision/masks/components.ts";
import { dilate, structuringElement } from "../vision/masks/dilate.ts";

/**
 * The regions between boundaries: pixels with a strength above `threshold` are boundary, dilated once by a plus of 3 × 3
 * pixels; the rest is split into 8-connected components, numbered as by OpenCV. Boundary pixels belong to none.
 *
 * @param strength the strength of the boundary at each pixel, row-major; compared in float32
 */
export function regionsBetweenBoundaries(
  strength: Float32Array,
  width: number,
  height: number,
  threshold: number,
): Components {
  const limit = Math.fround(threshold);
  const boundary = newMask(width, height, Uint8Array.from(strength, (s) => s > limit ? 1 : 0));
  const dilated = dilate(boundary, structuringElement("ellipse", 3));
  const open = newMask(width, height, dilated.data.map((value) => value ^ 1));
  return connectedComponents(open, 8, "opencv");
}

/** One mask per region, largest first (ties by number). A generator, since there may be thousands. */
export function* masksOfRegions(
  { labels, areas }: Components,
  width: number,
  height: number,
): Generator<Mask> {
  const bySize = [...areas.keys()].sort((a, b) => areas[b] - areas[a]);
  for (const component of bySize) {
    const mask = newMask(width, height);
    for (let i = 0; i < labels.length; i++) if (labels[i] === component + 1) mask.data[i] = 1;
    yield mask;
  }
}
