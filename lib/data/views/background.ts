/** Fills the background of an image that was cut by a mask. */

import { type Image, image as newImage } from "../../vision/image.ts";

/**
 * `zero`: black; `mean`: the mean colour of the object; `original`: the image itself, so the mask has no
 * effect.
 */
export type BackgroundFill = "zero" | "mean" | "original";

/**
 * `cut` with its background filled. The background is the pixels with all channels 0.
 *
 * @param cut the image cut by a mask (`cutImage`), black outside of it
 * @param source the whole image, of the same size
 */
export function fillBackground(cut: Image, source: Image, fill: BackgroundFill): Image {
  if (cut.width !== source.width || cut.height !== source.height || cut.channels !== source.channels) {
    throw new RangeError(
      `the cut image has the size ${cut.width} × ${cut.height} × ${cut.channels}, but its source image has ` +
        `${source.width} × ${source.height} × ${source.channels}`,
    );
  }
  if (fill === "zero") return cut;
  const { width, height, channels, order } = cut;
  const filled = newImage(width, height, order, cut.data.slice());
  const colour = fill === "mean" ? meanColour(cut) : undefined;
  for (let at = 0; at < filled.data.length; at += channels) {
    if (!isBackground(cut, at)) continue;
    for (let c = 0; c < channels; c++) filled.data[at + c] = colour ? colour[c] : source.data[at + c];
  }
  return filled;
}

/** For each channel ⌊sum over all pixels / number of object pixels⌋; black if there is no object. */
function meanColour(cut: Image): number[] {
  const sums = new Array<number>(cut.channels).fill(0);
  let count = 0;
  for (let at = 0; at < cut.data.length; at += cut.channels) {
    if (isBackground(cut, at)) continue;
    count++;
    for (let c = 0; c < cut.channels; c++) sums[c] += cut.data[at + c];
  }
  return sums.map((sum) => count === 0 ? 0 : Math.floor(sum / count));
}

function isBackground({ data, channels }: Image, at: number): boolean {
  for (let c = 0; c < channels; c++) if (data[at + c] !== 0) return false;
  return true;
}
