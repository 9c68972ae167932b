/** The views of one sample: its image decoded, cut out by its masks or its box, stretched; the rows of a views file. */

import { fillBackground } from "../data/views/background.ts";
import { cropImage, objectRectangle } from "../data/views/crop_rectangle.ts";
import { maskView, type ViewOptions, viewRectangle } from "../data/views/mask_views.ts";
import { objectView } from "../data/views/object_view.ts";
import type { ViewRow } from "../data/views/views_file.ts";
import type { Image } from "../vision/image.ts";
import type { Box } from "../vision/masks/boxes.ts";
import { cutImage } from "../vision/masks/cut.ts";
import type { RunLengths } from "../vision/masks/rle.ts";
import { decodeRectangle } from "../vision/masks/rle_parts.ts";
import type { Rectangle } from "../vision/rectangle.ts";
import { cropResizeLinear } from "../vision/resize/opencv.ts";
import type { MaskSet } from "./mask_set.ts";

/** A view, and its row in the index of views. */
export interface SampleView {
  readonly view: Image;
  readonly row: ViewRow;
}

/**
 * The views through the `count` largest masks of an image, or through all where there are fewer.
 *
 * @throws {RangeError} when the masks are of another size than the image, or a crop leaves no pixel.
 */
export function viewsThroughMasks(
  source: Image,
  set: MaskSet,
  count: number,
  options: ViewOptions,
): SampleView[] {
  if (set.width !== source.width || set.height !== source.height) {
    throw new RangeError(
      `the masks of ${set.image} are of ${set.width} × ${set.height}, but its image is of ` +
        `${source.width} × ${source.height}`,
    );
  }
  return set.masks.slice(0, count).map(({ runs, box }, mask) => {
    const rectangle = options.crop ? viewRectangle(box, source, options) : whole(source);
    const view = options.fill === "original"
      ? maskView(source, { box }, options)
      : filledView(source, runs, box, rectangle, options);
    return { view, row: { mask, box: [...box], rectangle } };
  });
}

/** The view of a rectangle with its background filled; only the part of the image with the mask and the view is cut. */
function filledView(
  source: Image,
  runs: RunLengths,
  [x1, y1, x2, y2]: Box,
  rectangle: Rectangle,
  { width, height, fill }: ViewOptions,
): Image {
  const [left, top] = [Math.min(rectangle.left, x1), Math.min(rectangle.top, y1)];
  const part: Rectangle = {
    left,
    top,
    width: Math.max(rectangle.left + rectangle.width, x2 + 1) - left,
    height: Math.max(rectangle.top + rectangle.height, y2 + 1) - top,
  };
  const shown = cropImage(source, part);
  const filled = fillBackground(cutImage(shown, decodeRectangle(runs, part)), shown, fill);
  const inside = { ...rectangle, left: rectangle.left - left, top: rectangle.top - top };
  return cropResizeLinear(filled, inside, width, height);
}

/** The one view of networks without masks: the object's box, or without a box the whole image. */
export function viewOfObject(
  source: Image,
  box: Box | undefined,
  { width, height, fidelity }: Pick<ViewOptions, "width" | "height" | "fidelity">,
): SampleView {
  const rectangle = box && objectRectangle(box, source.width, source.height, fidelity);
  return {
    view: objectView(source, rectangle, width, height),
    row: { mask: 0, ...(box && { box: [...box] as ViewRow["box"] }), rectangle: rectangle ?? whole(source) },
  };
}

function whole({ width, height }: Image): Rectangle {
  return { left: 0, top: 0, width, height };
}
