/** Pastes maps of views into the frame of the image, at the places from which the views were cropped. */

import { float32, type HostTensor } from "../tensor/host_tensor.ts";
import type { Box } from "../vision/masks/boxes.ts";
import type { Size } from "../vision/rectangle.ts";
import { roundHalfEven } from "../vision/rounding.ts";
import { interpolate } from "../vision/resize/torch.ts";

/** A map that can't be pasted at a place. */
export class PasteError extends RangeError {
  override readonly name = "PasteError";
}

/**
 * The place of a view's map in a frame: the map is resized to `width` × `height` and its corner put at (left,
 * top).
 */
export interface Place extends Size {
  readonly left: number;
  readonly top: number;
}

/**
 * The place of an image's box in a frame to which the image is resized. The sides are (x2 − x1)·W/w and (y2 −
 * y1)·H/h and the corner is (x1·W/w, y1·H/h), all rounded half to even. A side that rounds to 0 becomes 1;
 * the reference implementation fails in this case.
 *
 * @param box inclusive corners in pixels of the image
 * @throws {PasteError} if the box is not inside the image.
 */
export function placeInFrame([x1, y1, x2, y2]: Box, image: Size, frame: Size): Place {
  if (!(x1 >= 0 && y1 >= 0 && x1 <= x2 && y1 <= y2 && x2 <= image.width && y2 <= image.height)) {
    throw new PasteError(
      `the box [${x1}, ${y1}, ${x2}, ${y2}] is not inside an image of ${image.width} × ${image.height}`,
    );
  }
  const along = (start: number, end: number, from: number, to: number) => {
    const factor = Math.fround(to / from);
    const scaled = (value: number) => roundHalfEven(Math.fround(Math.fround(value) * factor));
    const length = Math.max(1, scaled(end - start));
    return { length, start: Math.min(scaled(start), to - length) };
  };
  const columns = along(x1, x2, image.width, frame.width);
  const rows = along(y1, y2, image.height, frame.height);
  return { left: columns.start, top: rows.start, width: columns.length, height: rows.length };
}

/**
 * A frame of zeros with `map` [h, w] resized bilinearly and pasted at a place. Values are not rescaled, so
 * the sum of the map changes with the size of the place.
 */
export function pasteMap(map: HostTensor<"float32">, place: Place, frame: Size): HostTensor<"float32"> {
  const [height, width] = map.shape;
  const stretched = interpolate(
    float32([1, height, width], map.data),
    place.width,
    place.height,
    "bilinear",
  );
  const pasted = new Float32Array(frame.width * frame.height);
  for (let y = 0; y < place.height; y++) {
    const row = stretched.data.subarray(y * place.width, (y + 1) * place.width);
    pasted.set(row, (place.top + y) * frame.width + place.left);
  }
  return float32([frame.height, frame.width], pasted);
}
