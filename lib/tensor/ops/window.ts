/** Square windows of [B, H, W, C] maps, for attention within them. */

import { GraphError, type Tensor } from "../op.ts";
import { reshape, transpose } from "./shape.ts";
import { pad, slice } from "./slice.ts";

/** Padded below and right with 0 to multiples of `window`, then cut row by row: [B·nh·nw, window, window, C]. */
export function windowPartition(x: Tensor, window: number): Tensor {
  if (x.shape.length !== 4 || !Number.isInteger(window) || window < 1) {
    throw new GraphError(
      `windowPartition needs [B, H, W, C] and a positive window; given [${x.shape}], ${window}`,
    );
  }
  const [batch, height, width, channels] = x.shape;
  const [rows, columns] = [Math.ceil(height / window), Math.ceil(width / window)];
  const padded = pad(x, [[0, 0], [0, rows * window - height], [0, columns * window - width], [0, 0]]);
  const cut = reshape(padded, [batch, rows, window, columns, window, channels]);
  return reshape(transpose(cut, [0, 1, 3, 2, 4, 5]), [batch * rows * columns, window, window, channels]);
}

/** The inverse of {@link windowPartition}: `padded` is the map's size before, `size` after the padding is cut off. */
export function windowUnpartition(
  windows: Tensor,
  { padded, size }: { padded: readonly [number, number]; size: readonly [number, number] },
): Tensor {
  const [count, window, , channels] = windows.shape;
  const [rows, columns] = padded.map((length) => length / window);
  const batch = count / (rows * columns);
  if (![rows, columns, batch].every(Number.isInteger)) {
    throw new GraphError(`windowUnpartition: [${windows.shape}] are not the windows of a map of [${padded}]`);
  }
  const split = reshape(windows, [batch, rows, columns, window, window, channels]);
  const map = reshape(transpose(split, [0, 1, 3, 2, 4, 5]), [batch, ...padded, channels]);
  return slice(map, { axes: [1, 2], starts: [0, 0], ends: size });
}
