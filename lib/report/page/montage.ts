/** Pictures in rows and columns as one image, for a file. */

import { type Image, image } from "../../vision/image.ts";

const GAP = 6;

/** The pictures on white (all RGB), each in the middle of a cell; all cells are as large as the largest picture. */
export function montage(rows: readonly (readonly Image[])[]): Image {
  const all = rows.flat();
  const cell = {
    width: Math.max(1, ...all.map(({ width }) => width)),
    height: Math.max(1, ...all.map(({ height }) => height)),
  };
  const columns = Math.max(1, ...rows.map((row) => row.length));
  const sheet = image(columns * (cell.width + GAP) + GAP, rows.length * (cell.height + GAP) + GAP, "RGB");
  sheet.data.fill(255);
  rows.forEach((row, line) =>
    row.forEach((picture, column) => {
      const left = GAP + column * (cell.width + GAP) + Math.floor((cell.width - picture.width) / 2);
      const top = GAP + line * (cell.height + GAP) + Math.floor((cell.height - picture.height) / 2);
      const length = 3 * picture.width;
      for (let y = 0; y < picture.height; y++) {
        const from = picture.data.subarray(y * length, (y + 1) * length);
        sheet.data.set(from, ((top + y) * sheet.width + left) * 3);
      }
    })
  );
  return sheet;
}
