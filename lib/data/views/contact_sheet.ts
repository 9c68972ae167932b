/** Draws the views of some images as one image, for inspection. */

import { type Image, image as newImage } from "../../vision/image.ts";
import { resizeArea } from "../../vision/resize/opencv_area.ts";
import type { ViewPixels, ViewsIndex } from "./views_file.ts";

const SIDE = 72;
const GAP = 4;
const MOST_ROWS = 40;

/**
 * One row per image, with its views from left to right. Shows the first images of every class, at most
 * `MOST_ROWS` in total.
 *
 * @param pixels of the views described by `index`
 */
export function contactSheet(index: ViewsIndex, pixels: ViewPixels): Image {
  const { classes, samples, viewsPerImage, width, height } = index;
  const perClass = Math.max(1, Math.floor(MOST_ROWS / classes.length));
  const shown = classes
    .flatMap((_, label) => samples.filter((sample) => sample.label === label).slice(0, perClass))
    .slice(0, MOST_ROWS);
  const sheet = newImage(
    viewsPerImage * (SIDE + GAP) + GAP,
    shown.length * (SIDE + GAP) + GAP,
    "RGB",
  );
  sheet.data.fill(255);
  const view = newImage(width, height, "RGB");
  for (const [line, sample] of shown.entries()) {
    for (const [column, row] of sample.views.entries()) {
      pixels.read(sample, row, view.data);
      paste(resizeArea(view, SIDE, SIDE), sheet, GAP + column * (SIDE + GAP), GAP + line * (SIDE + GAP));
    }
  }
  return sheet;
}

function paste(from: Image, to: Image, left: number, top: number): void {
  const length = from.width * from.channels;
  for (let y = 0; y < from.height; y++) {
    to.data.set(
      from.data.subarray(y * length, (y + 1) * length),
      ((top + y) * to.width + left) * to.channels,
    );
  }
}
