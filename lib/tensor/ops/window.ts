/** Square windows of [B, H, W, C] maps, for attention within them. */

import { checked, Mismatch, type Tensor } from "../op.ts";
import { reshape, transpose } from "./shape.ts";
import { pad, slice } from "./slice.ts";

/**
 * Pads x below and at the right with 0 to multiples of `window`, then splits it in row-major order: [B·nh·nw,
 * window, window, C].
 */
export function windowPartition(x: Tensor, window: number): Tensor {
  return checked("window_partition", [x], { window }, () => {
    if (x.shape.length !== 4 || !Number.isInteger(window) || window < 1) {
      throw new Mismatch("needs [B, H, W, C] and a positive window");
    }
    const [batch, height, width, channels] = x.shape;
    const [rows, columns] = [Math.ceil(height / window), Math.ceil(width / window)];
    const padded = pad(x, [[0, 0], [0, rows * window - height], [0, columns * window - width], [0, 0]]);
    const cut = reshape(padded, [batch, rows, window, columns, window, channels]);
    return reshape(transpose(cut, [0, 1, 3, 2, 4, 5]), [batch * rows * columns, window, window, channels]);
  });
}

export interface MapSize {
  /** Height and width of the padded map, before it was split. */
  padded: readonly [number, number];
  /** Height and width without the padding. */
  size: readonly [number, number];
}

/** The inverse of {@link windowPartition}. */
export function windowUnpartition(windows: Tensor, { padded, size }: MapSize): Tensor {
  return checked("window_unpartition", [windows], { padded, size }, () => {
    const [count, window, , channels] = windows.shape;
    const [rows, columns] = padded.map((length) => length / window);
    const batch = count / (rows * columns);
    const fits = padded.every((length, axis) => length >= size[axis]);
    if (windows.shape.length !== 4 || !fits || ![rows, columns, batch].every(Number.isInteger)) {
      throw new Mismatch(`these are not the windows of a map of [${size}] padded to [${padded}]`);
    }
    const split = reshape(windows, [batch, rows, columns, window, window, channels]);
    const map = reshape(transpose(split, [0, 1, 3, 2, 4, 5]), [batch, ...padded, channels]);
    return slice(map, { axes: [1, 2], starts: [0, 0], ends: size });
  });
}
