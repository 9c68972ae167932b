/** Morphological closing: removes dark details that are narrower than a square. */

import { type Image, image } from "../../vision/image.ts";

/**
 * The morphological closing of every channel by a square of `side` × `side` pixels (Serra 1982): the maximum over the
 * square, then the minimum over the mirrored one. Removes dark lines and dots that are
 * narrower than the square; no value becomes lower, and edges do not move. Pixels outside the image are ignored. A side
 * of 1 changes nothing.
 *
 * @param side a positive integer
 */
export function closeDark(source: Image, side: number): Image {
  const before = side >> 1;
  const after = side - 1 - before;
  // The minimum is the complement of the complement's maximum.
  return complement(maxima(complement(maxima(source, before, after)), after, before));
}

/** The maximum of the pixels from `before` pixels before to `after` pixels after each, along rows, then columns. */
function maxima({ width, height, channels, order, data }: Image, before: number, after: number): Image {
  const row = width * channels;
  const along = new Uint8Array(data);
  for (let offset = -before; offset <= after; offset++) {
    const from = Math.max(0, -offset) * channels;
    const to = Math.min(width, width - offset) * channels;
    for (let y = 0; y < height; y++) raise(along, data, offset * channels, y * row + from, y * row + to);
  }
  const out = new Uint8Array(along);
  for (let offset = -before; offset <= after; offset++) {
    raise(out, along, offset * row, Math.max(0, -offset) * row, Math.min(height, height - offset) * row);
  }
  return image(width, height, order, out);
}

/** Raises values[from … to) to the levels that lie `shift` places further. */
function raise(values: Uint8Array, levels: Uint8Array, shift: number, from: number, to: number): void {
  for (let i = from; i < to; i++) {
    const level = levels[i + shift];
    if (level > values[i]) values[i] = level;
  }
}

function complement({ width, height, order, data }: Image): Image {
  const inverse = new Uint8Array(data.length);
  for (let i = 0; i < data.length; i++) inverse[i] = 255 - data[i];
  return image(width, height, order, inverse);
}
