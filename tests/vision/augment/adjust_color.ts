/** One operation of the colour jitter. */

import type { Image } from "../../../lib/vision/image.ts";
import { COLOR_OPERATIONS, colorJitter, type ColorOperation } from "../../../lib/vision/augment/color.ts";

/** The jitter of which one operation changes the image. */
export function adjustColor(source: Image, operation: ColorOperation, factor: number): Image {
  const still = { brightness: 1, contrast: 1, saturation: 1, hue: 0 };
  return colorJitter(source, { ...still, [operation]: factor, order: [COLOR_OPERATIONS.indexOf(operation)] });
}
