/** The regions enclosed by boundaries: the last step of SLIT, from a boundary map to masks. */

import { mask as newMask } from "../vision/image.ts";
import { type Components, connectedComponents } from "../vision/masks/components.ts";
import { dilate, structuringElement } from "../vision/masks/dilate.ts";
import { regionRunLengths } from "../vision/masks/region_runs.ts";
import type { RunLengths } from "../vision/masks/rle.ts";

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
  const boundary = newMask(width, height);
  for (let i = 0; i < strength.length; i++) if (strength[i] > limit) boundary.data[i] = 1;
  const { data } = dilate(boundary, structuringElement("ellipse", 3));
  for (let i = 0; i < data.length; i++) data[i] ^= 1;
  return connectedComponents(newMask(width, height, data), 8, "opencv");
}

/** The masks of the regions, largest first (ties by number). */
export function masksOfRegions(components: Components, width: number, height: number): RunLengths[] {
  const { areas } = components;
  const runs = regionRunLengths(components, width, height);
  return [...areas.keys()].sort((a, b) => areas[b] - areas[a]).map((component) => runs[component]);
}
