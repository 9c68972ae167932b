/** The view of an image for networks without masks: the whole image or the object's box, stretched. */

import type { Image } from "../../vision/image.ts";
import { cropResizeLinear, resizeLinear, resizeNearest } from "../../vision/resize/opencv.ts";
import { cropImage, type Rectangle } from "./crop_rectangle.ts";

/**
 * `source`, or the rectangle of it, stretched to `width` × `height` by OpenCV's linear rule.
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

/** The object's mask for that view: the same rectangle, stretched by OpenCV's nearest rule, its levels kept. */
export function objectMaskView(
  mask: Image,
  rectangle: Rectangle | undefined,
  width: number,
  height: number,
): Image {
  return resizeNearest(rectangle ? cropImage(mask, rectangle) : mask, width, height);
}
