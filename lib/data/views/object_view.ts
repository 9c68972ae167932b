/** The view of an image for networks without masks: the whole image or the object's box, resized. */

import type { Image } from "../../vision/image.ts";
import type { Rectangle } from "../../vision/rectangle.ts";
import { cropResizeLinear, resizeLinear, resizeNearest } from "../../vision/resize/opencv.ts";
import { cropImage } from "./crop_rectangle.ts";

/**
 * `source`, or a rectangle of it, resized to `width` × `height` by OpenCV's linear interpolation.
 *
 * @param rectangle see `objectRectangle`; without it, the whole image
 */
export function objectView(
  source: Image,
  rectangle: Rectangle | undefined,
  width: number,
  height: number,
): Image {
  return rectangle ? cropResizeLinear(source, rectangle, width, height) : resizeLinear(source, width, height);
}

/**
 * The object mask of that view: the same rectangle, resized by OpenCV's nearest-neighbour rule, with grey
 * levels kept.
 */
export function objectMaskView(
  mask: Image,
  rectangle: Rectangle | undefined,
  width: number,
  height: number,
): Image {
  return resizeNearest(rectangle ? cropImage(mask, rectangle) : mask, width, height);
}
