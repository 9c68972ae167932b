/** A picture of the views of some images, to be looked at. */

import { Image as Canvas } from "imagescript";
import { image as newImage } from "../../vision/image.ts";
import { resizeArea } from "../../vision/resize/opencv_area.ts";
import { ViewPixels, type ViewsIndex } from "./views_file.ts";

const SIDE = 72;
const GAP = 4;
const MOST_ROWS = 40;
const WHITE = 0xffffffff;

/**
 * A PNG file: one image a row, its views from left to right; the first images of every class, `MOST_ROWS` in all where
 * there are as many.
 *
 * @param folder holds the views of `index`
 */
export async function contactSheet(folder: string, index: ViewsIndex): Promise<Uint8Array> {
  const { classes, samples, viewsPerImage, width, height } = index;
  const perClass = Math.max(1, Math.floor(MOST_ROWS / classes.length));
  const shown = classes
    .flatMap((_, label) => samples.filter((sample) => sample.label === label).slice(0, perClass))
    .slice(0, MOST_ROWS);
  const sheet = new Canvas(viewsPerImage * (SIDE + GAP) + GAP, shown.length * (SIDE + GAP) + GAP);
  sheet.fill(WHITE);
  const pixels = new ViewPixels(folder, index);
  try {
    const view = newImage(width, height, "RGB");
    for (const [line, { firstRow, views }] of shown.entries()) {
      for (const [column, row] of views.entries()) {
        pixels.read(firstRow + row, view.data);
        const { data } = resizeArea(view, SIDE, SIDE);
        const tile = new Canvas(SIDE, SIDE);
        for (let i = 0; i < SIDE * SIDE; i++) tile.bitmap.set(data.subarray(3 * i, 3 * i + 3), 4 * i);
        tile.opacity(1, true);
        sheet.composite(tile, GAP + column * (SIDE + GAP), GAP + line * (SIDE + GAP));
      }
    }
  } finally {
    pixels.close();
  }
  return await sheet.encode();
}
