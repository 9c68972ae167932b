/** Dilation with OpenCV's structuring elements. */

import { type Mask, mask as newMask } from "../image.ts";

export type ElementShape = "rect" | "cross" | "ellipse";

/**
 * OpenCV's structuring element of `size` × `size` with its anchor in the middle. The row at distance dy from the
 * middle of an ellipse of radius r spans round(r·√((r² − dy²)/r²)) pixels to either side, halves to even.
 *
 * @throws {RangeError} when `size` is not a positive integer.
 */
export function structuringElement(shape: ElementShape, size: number): Mask {
  if (!Number.isInteger(size) || size < 1) {
    throw new RangeError(`a structuring element's size must be a positive integer, but ${size} was given`);
  }
  const element = newMask(size, size);
  const radius = size >> 1;
  for (let y = 0; y < size; y++) {
    let [start, end] = [radius, radius + 1];
    if (shape === "rect" || size === 1 || (shape === "cross" && y === radius)) {
      [start, end] = [0, size];
    } else if (shape === "ellipse") {
      const reach = roundHalfToEven(radius * Math.sqrt((radius ** 2 - (y - radius) ** 2) / radius ** 2));
      [start, end] = [Math.max(radius - reach, 0), Math.min(radius + reach + 1, size)];
    }
    element.data.fill(1, y * size + start, y * size + end);
  }
  return element;
}

/**
 * `mask` dilated by `element`, with its anchor at (⌊width/2⌋, ⌊height/2⌋): a pixel is 1 if any pixel
 * under the element is not 0. Pixels outside the mask count as 0.
 */
export function dilate(mask: Mask, element: Mask): Mask {
  const { width, height } = mask;
  const dilated = newMask(width, height);
  const anchorX = element.width >> 1;
  const anchorY = element.height >> 1;
  const spans = [...runsOfRows(element)];
  for (const [y, start, end] of runsOfRows(mask)) {
    for (const [elementY, elementStart, elementEnd] of spans) {
      const row = y - elementY + anchorY;
      if (row < 0 || row >= height) continue;
      const from = Math.max(start - (elementEnd - 1) + anchorX, 0);
      const to = Math.min(end - elementStart + anchorX, width);
      if (to > from) dilated.data.fill(1, row * width + from, row * width + to);
    }
  }
  return dilated;
}

/** [row, first column, column after the last] of every run of non-zero pixels. */
function* runsOfRows({ width, height, data }: Mask): Generator<[number, number, number]> {
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      if (data[y * width + x] === 0) continue;
      const start = x;
      while (x < width && data[y * width + x] !== 0) x++;
      yield [y, start, x];
    }
  }
}

function roundHalfToEven(value: number): number {
  const down = Math.floor(value);
  const rest = value - down;
  return rest > 0.5 || (rest === 0.5 && down % 2 === 1) ? down + 1 : down;
}
