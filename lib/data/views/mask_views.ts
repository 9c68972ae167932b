/** The views of an image, one per mask: the input of a prototype network. */

import type { Fidelity } from "../../fidelity.ts";
import type { Image } from "../../vision/image.ts";
import type { Box } from "../../vision/masks/boxes.ts";
import type { Rectangle } from "../../vision/rectangle.ts";
import { cropResizeLinear, resizeLinear } from "../../vision/resize/opencv.ts";
import { type BackgroundFill, fillBackground } from "./background.ts";
import { expandBox, maskRectangle, objectRectangle } from "./crop_rectangle.ts";

/** How views are cut from images. */
export interface ViewOptions {
  /** The size of the views, in pixels. */
  readonly width: number;
  readonly height: number;
  readonly fill: BackgroundFill;
  /** Boxes with a smaller fraction of the image's area are enlarged; 0 leaves all boxes unchanged. */
  readonly minBoxShare: number;
  /** Whether a view is cropped to its mask's box; otherwise it shows the whole image. */
  readonly crop: boolean;
  readonly fidelity: Fidelity;
}

/** One mask of an image. */
export interface ViewMask {
  /** The image cut by the mask; omit it if the background is filled with the image itself. */
  readonly cut?: Image;
  /** The mask's box, inclusive corners in pixels; without it the view is not cropped. */
  readonly box?: Box;
}

/**
 * The view of `source` through a mask, cropped to the mask's box and stretched to the size of `options`, as uint8 in the
 * colour order of `source`.
 *
 * @throws {RangeError} if a fill needs a cut that is missing, or the crop is empty.
 */
export function maskView(source: Image, { cut, box }: ViewMask, options: ViewOptions): Image {
  const { width, height, fill, crop } = options;
  // A cut image with the image itself as background equals the image, so no cut is needed.
  let filled = source;
  if (fill !== "original") {
    if (!cut) {
      throw new RangeError(
        `the background fill "${fill}" needs the image cut by the mask, but there is none`,
      );
    }
    filled = fillBackground(cut, source, fill);
  }
  if (!crop || !box) return resizeLinear(filled, width, height);
  return cropResizeLinear(filled, viewRectangle(box, source, options), width, height);
}

/** The rectangle of the image that a cropped view of a mask with this box shows. */
export function viewRectangle(
  box: Box,
  { width, height }: { readonly width: number; readonly height: number },
  { minBoxShare, fidelity }: Pick<ViewOptions, "minBoxShare" | "fidelity">,
): Rectangle {
  const enlarged = expandBox(box, width, height, minBoxShare);
  return enlarged === box
    ? maskRectangle(box, width, height, fidelity)
    : objectRectangle(enlarged, width, height, fidelity);
}
