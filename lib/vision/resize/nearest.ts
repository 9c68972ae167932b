/** A resize that takes whole pixels: each library's rule is only which ones. */

import { type Image, image } from "../image.ts";

/** The image with the source's pixel (`columns[x]`, `rows[y]`) at (x, y). */
export function takePixels(source: Image, columns: Int32Array, rows: Int32Array): Image {
  const { channels, order } = source;
  const width = columns.length;
  const height = rows.length;
  const data = new Uint8Array(width * height * channels);
  for (let y = 0, to = 0; y < height; y++) {
    const row = rows[y] * source.width;
    for (let x = 0; x < width; x++) {
      const from = (row + columns[x]) * channels;
      for (let c = 0; c < channels; c++) data[to++] = source.data[from + c];
    }
  }
  return image(width, height, order, data);
}
