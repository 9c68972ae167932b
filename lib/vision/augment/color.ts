/** Brightness, contrast, saturation and hue of uint8 RGB images, one by one and as the jitter of all four. */

import { type Image, image, requireOrder } from "../image.ts";
import { grayLevel } from "../color/gray.ts";
import { HSV_BLOCK, hsvOf, rgbOf } from "../color/hsv.ts";

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

/**
 * One operation of the jitter.
 *
 * @throws {RangeError} when the image is not RGB.
 */
export function adjustColor(source: Image, operation: ColorOperation, factor: number): Image {
  return applySteps(source, [[operation, factor]]);
}

/** A level to its new level. */
type LevelTable = Uint8Array;

const UNCHANGED: LevelTable = Uint8Array.from({ length: 256 }, (_, v) => v);

/**
 * Brightness and contrast only change levels, so they are gathered in a table, which the next pass over the
 * pixels applies as it reads them.
 */
function applySteps(source: Image, steps: readonly (readonly [ColorOperation, number])[]): Image {
  requireOrder(source, "RGB");
  let { data } = source;
  let table = UNCHANGED;
  for (const [operation, factor] of steps) {
    if (factor === (operation === "hue" ? 0 : 1)) continue;
    if (operation === "brightness") {
      table = table.map((v) => toLevel(v * factor));
    } else if (operation === "contrast") {
      const mean = meanGray(data, table);
      table = factor === 0
        ? table.map(() => Math.trunc(mean + 0.5))
        : table.map((v) => toLevel(v * factor + mean * (1 - factor)));
    } else {
      data = operation === "saturation"
        ? saturate(data, table, factor)
        : turnHue(data, source.width, table, factor);
      table = UNCHANGED;
    }
  }
  if (table !== UNCHANGED) data = applyTable(data, table);
  return image(source.width, source.height, "RGB", data);
}

function toLevel(value: number): number {
  return Math.trunc(Math.min(Math.max(value, 0), 255));
}

function applyTable(data: Uint8Array, table: LevelTable): Uint8Array {
  const out = new Uint8Array(data.length);
  for (let i = 0; i < data.length; i++) out[i] = table[data[i]];
  return out;
}

function meanGray(data: Uint8Array, table: LevelTable): number {
  let sum = 0;
  for (let i = 0; i < data.length; i += 3) {
    sum += grayLevel(table[data[i]], table[data[i + 1]], table[data[i + 2]]);
  }
  return sum / (data.length / 3);
}

/** In float32, halves rounded to even by the clamped array, as `cv2.addWeighted`. */
function saturate(data: Uint8Array, table: LevelTable, factor: number): Uint8Array {
  const out = new Uint8ClampedArray(data.length);
  const own = Math.fround(factor);
  const grays = Float32Array.from({ length: 256 }, (_, gray) => gray * Math.fround(1 - factor));
  for (let i = 0; i < data.length; i += 3) {
    const red = table[data[i]];
    const green = table[data[i + 1]];
    const blue = table[data[i + 2]];
    const gray = grays[grayLevel(red, green, blue)];
    out[i] = Math.fround(red * own + gray);
    out[i + 1] = Math.fround(green * own + gray);
    out[i + 2] = Math.fround(blue * own + gray);
  }
  return new Uint8Array(out.buffer);
}

function turnHue(data: Uint8Array, width: number, table: LevelTable, factor: number): Uint8Array {
  const out = new Uint8Array(data.length);
  const hues = Uint8Array.from({ length: 180 }, (_, hue) => (((hue + 180 * factor) % 180) + 180) % 180);
  const blocks = width - (width % HSV_BLOCK);
  for (let i = 0, x = 0; i < data.length; i += 3, x = x + 1 === width ? 0 : x + 1) {
    const hsv = hsvOf(table[data[i]], table[data[i + 1]], table[data[i + 2]]);
    const rgb = rgbOf(hues[hsv >> 16], (hsv >> 8) & 255, hsv & 255, x < blocks ? 0 : 0.5);
    out[i] = rgb >> 16;
    out[i + 1] = rgb >> 8;
    out[i + 2] = rgb;
  }
  return out;
}
