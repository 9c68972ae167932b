/** Brightness, contrast, saturation and hue of uint8 RGB images: the jitter of all four. */

import { type Image, image, requireOrder } from "../image.ts";
import { grayLevel } from "../color/gray.ts";
import { HSV_BLOCK, hsvOf, rgbOf } from "../color/hsv.ts";
import { kernels, regions } from "../simd/kernels.ts";

export type ColorOperation = "brightness" | "contrast" | "saturation" | "hue";

/** The jitter's operations by their numbers in `order`. */
export const COLOR_OPERATIONS: readonly ColorOperation[] = ["brightness", "contrast", "saturation", "hue"];

export interface ColorJitter {
  readonly brightness: number;
  readonly contrast: number;
  readonly saturation: number;
  /** A share of the colour circle. */
  readonly hue: number;
  /** The order of application, as indices into `COLOR_OPERATIONS`. */
  readonly order: readonly number[];
}

/**
 * The four operations in the given order. A factor of 1 (hue: 0) leaves the image as it is.
 *
 * * brightness: v → trunc(clip(v·f));
 * * contrast: v → trunc(clip(v·f + μ·(1 − f))), μ the mean of the grey image;
 * * saturation: v → round(clip(v·f + grey·(1 − f)));
 * * hue: H → trunc((H + 180·f) mod 180) in OpenCV's HSV, and back.
 *
 * @throws {RangeError} when the image is not RGB.
 */
export function colorJitter(source: Image, jitter: ColorJitter): Image {
  const steps = jitter.order.map((index): [ColorOperation, number] => {
    const operation = COLOR_OPERATIONS[index];
    return [operation, jitter[operation]];
  });
  return applySteps(source, steps);
}

const UNCHANGED = Uint8Array.from({ length: 256 }, (_, level) => level);

/** The number of pixels whose grey levels are summed at once: more could overflow 32 bits. */
const GRAY_RUN = 2 ** 22;

/**
 * Brightness and contrast only change levels, so they are gathered in a table, which is applied when the next
 * operation needs the pixels.
 */
function applySteps(source: Image, steps: readonly (readonly [ColorOperation, number])[]): Image {
  requireOrder(source, "RGB");
  const { data, width, height } = source;
  const [first, second, tableAt] = regions(data.length, data.length, 256);
  const bytes = new Uint8Array(kernels.memory.buffer);
  bytes.set(data, first);
  let current = first;
  let table = UNCHANGED;
  const pass = (run: (from: number, to: number, end: number) => void) => {
    const to = current === first ? second : first;
    run(current, to, to + data.length);
    current = to;
  };
  const applyTable = () => {
    if (table === UNCHANGED) return;
    bytes.set(table, tableAt);
    pass((from, to, end) => kernels.apply_table(from, to, end, tableAt));
    table = UNCHANGED;
  };
  for (const [operation, factor] of steps) {
    if (factor === (operation === "hue" ? 0 : 1)) continue;
    if (operation === "brightness") {
      table = table.map((level) => toLevel(level * factor));
      continue;
    }
    applyTable();
    if (operation === "contrast") {
      const mean = meanGray(bytes, current, data.length);
      table = factor === 0
        ? table.map(() => Math.trunc(mean + 0.5))
        : table.map((level) => toLevel(level * factor + mean * (1 - factor)));
    } else if (operation === "saturation") {
      pass((from, to, end) => kernels.saturate(from, to, end, Math.fround(factor), 1 - factor));
    } else {
      pass((from, to) => turnHue(bytes, from, to, width, height, factor));
    }
  }
  applyTable();
  return image(width, height, "RGB", bytes.slice(current, current + data.length));
}

function toLevel(value: number): number {
  return Math.trunc(Math.min(Math.max(value, 0), 255));
}

function meanGray(bytes: Uint8Array, start: number, size: number): number {
  const end = start + size;
  let sum = 0;
  let at = start;
  for (; at + 12 <= end; at += Math.min(3 * GRAY_RUN, end - at - ((end - at) % 12))) {
    sum += kernels.sum_gray(at, Math.min(at + 3 * GRAY_RUN, end - ((end - at) % 12)));
  }
  for (; at < end; at += 3) sum += grayLevel(bytes[at], bytes[at + 1], bytes[at + 2]);
  return sum / (size / 3);
}

/** The hue of every pixel turned by `factor` of the circle: whole blocks of a row by the kernel, then the rest. */
function turnHue(
  bytes: Uint8Array,
  from: number,
  to: number,
  width: number,
  height: number,
  factor: number,
): void {
  const turn = Math.floor((((180 * factor) % 180) + 180) % 180);
  const rest = width % HSV_BLOCK;
  // Rows without a rest follow each other like one row.
  const [rows, length] = rest === 0 ? [1, width * height] : [height, width];
  for (let y = 0; y < rows; y++) {
    const row = 3 * y * length;
    const blocks = 3 * (length - rest);
    if (blocks > 0) kernels.turn_hue(from + row, to + row, to + row + blocks, turn);
    for (let at = row + blocks; at < row + 3 * length; at += 3) {
      const hsv = hsvOf(bytes[from + at], bytes[from + at + 1], bytes[from + at + 2]);
      const hue = ((hsv >> 16) + turn) % 180;
      const rgb = rgbOf(hue, (hsv >> 8) & 255, hsv & 255, 0.5);
      bytes[to + at] = rgb >> 16;
      bytes[to + at + 1] = rgb >> 8;
      bytes[to + at + 2] = rgb;
    }
  }
}
