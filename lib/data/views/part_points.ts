/** Converts part locations to pixels of a view. */

import type { Fidelity } from "../../fidelity.ts";
import type { Rectangle } from "../../vision/rectangle.ts";
import type { PartPoint } from "../data_set.ts";

/**
 * The parts that lie in `rectangle` of an image, scaled to a view of `width` × `height`.
 *
 * @param imageSize the size of the whole image, in pixels
 * @param fidelity the ids after a crop removes a part. `reference`: the k-th remaining part gets the k-th id
 * of the whole list; `intended`: each part keeps its own id
 * @throws {RangeError} for a part outside the image.
 */
export function partsInView(
  parts: readonly PartPoint[],
  imageSize: { readonly width: number; readonly height: number },
  rectangle: Rectangle,
  width: number,
  height: number,
  fidelity: Fidelity,
): PartPoint[] {
  for (const [id, x, y] of parts) {
    if (!isInside(x, imageSize.width) || !isInside(y, imageSize.height)) {
      throw new RangeError(
        `part ${id} at (${x}, ${y}) lies outside its image of ${imageSize.width} × ${imageSize.height}`,
      );
    }
  }
  const left = parts
    .map(([id, x, y]): PartPoint => [id, x - rectangle.left, y - rectangle.top])
    .filter(([, x, y]) => isInside(x, rectangle.width) && isInside(y, rectangle.height));
  return left.map(([id, x, y], position) => [
    fidelity === "reference" ? parts[position][0] : id,
    x * (width / rectangle.width),
    y * (height / rectangle.height),
  ]);
}

/**
 * The parts as two tables of `rows` rows: positions (x and y), and ids. Rows without a part hold −1.
 *
 * @param rows the largest number of visible parts in the data set
 * @throws {RangeError} if there are more parts than rows.
 */
export function partTables(
  parts: readonly PartPoint[],
  rows: number,
): { locations: Float32Array; ids: Int32Array } {
  if (parts.length > rows) {
    throw new RangeError(`the table has ${rows} rows, too few for ${parts.length} parts`);
  }
  const locations = new Float32Array(rows * 2).fill(-1);
  const ids = new Int32Array(rows).fill(-1);
  parts.forEach(([id, x, y], row) => {
    locations.set([x, y], row * 2);
    ids[row] = id;
  });
  return { locations, ids };
}

function isInside(place: number, length: number): boolean {
  return place >= 0 && place < length;
}
