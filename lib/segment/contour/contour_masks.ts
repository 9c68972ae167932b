/** Masks without a model: the regions enclosed by the contours of an image. */

import type { Image } from "../../vision/image.ts";
import type { Components } from "../../vision/masks/components.ts";
import type { RunLengths } from "../../vision/masks/rle.ts";
import { masksOfRegions, regionsBetweenBoundaries } from "../boundary_regions.ts";
import { closeDark } from "./closing.ts";
import { colorGradient } from "./color_gradient.ts";
import { figures } from "./figures.ts";
import { growRegions } from "./grow_regions.ts";
import { ridges } from "./ridges.ts";

/** The parameters of segmentation by contours. */
export interface ContourOptions {
  /** Dark lines narrower than this, such as drawn outlines, are removed before contours are found; in pixels. */
  readonly lineWidth: number;
  /** Standard deviation of the smoothing before the gradient, in pixels. */
  readonly sigma: number;
  /** The contrast above which a contour is a boundary; in units of L*a*b* per pixel. */
  readonly threshold: number;
  /**
   * The number of pixels by which regions grow into the boundary: 1 reverts the dilation, 2 also assigns the contour
   * itself, 0 leaves the boundary out of all masks, as in SLIT.
   */
  readonly grow: number;
}

/** Chosen on drawn birds of 192 pixels a side with smallest parts about ten pixels wide. */
export const CONTOUR_DEFAULTS: ContourOptions = { lineWidth: 5, sigma: 0.8, threshold: 5, grow: 2 };

/**
 * The regions between the contours of an image, disjoint. Contours are the ridges of the colour gradient (Canny 1986; of
 * colour, Di Zenzo 1986), after a closing has removed thin dark lines, which would give two contours each. They replace the
 * boundaries predicted by SLIT's network; threshold, dilation and components are as in SLIT.
 *
 * @throws {RangeError} when the image is not RGB.
 */
export function contourRegions(source: Image, options: ContourOptions = CONTOUR_DEFAULTS): Components {
  const { lineWidth, sigma, threshold, grow } = options;
  const strength = ridges(colorGradient(closeDark(source, lineWidth), sigma));
  const regions = regionsBetweenBoundaries(strength, source.width, source.height, threshold);
  return growRegions(regions, source, grow);
}

/**
 * The masks of the {@link contourRegions}, and of the {@link figures} that these form together: first the parts, then the
 * whole, each largest first.
 *
 * @throws {RangeError} when the image is not RGB.
 */
export function contourMasks(source: Image, options: ContourOptions = CONTOUR_DEFAULTS): RunLengths[] {
  const regions = contourRegions(source, options);
  const masks = (each: Components) => masksOfRegions(each, source.width, source.height);
  return [...masks(regions), ...masks(figures(regions, source))];
}
