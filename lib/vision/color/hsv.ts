/** RGB to hue, saturation, value and back, in OpenCV's byte scaling. */

import { type Image, image, requireOrder } from "../image.ts";
import { roundHalfEven } from "../rounding.ts";

const SHIFT = 12;
/** Reciprocals in units of 2⁻¹², so that a division is a product and a shift. */
const SATURATION_OVER = reciprocals(255);
const HUE_OVER = reciprocals(180 / 6);

function reciprocals(of: number): Int32Array {
  return Int32Array.from({ length: 256 }, (_, i) => i === 0 ? 0 : roundHalfEven((of * 2 ** SHIFT) / i));
}

/** Hue 0 … 179, saturation and value 0 … 255 of one pixel, packed as H·2¹⁶ + S·2⁸ + V. */
export function hsvOf(red: number, green: number, blue: number): number {
  const value = red > green ? (red > blue ? red : blue) : (green > blue ? green : blue);
  const least = red < green ? (red < blue ? red : blue) : (green < blue ? green : blue);
  const range = value - least;
  const half = 1 << (SHIFT - 1);
  const saturation = (Math.imul(range, SATURATION_OVER[value]) + half) >> SHIFT;
  const sixth = value === red
    ? green - blue
    : value === green
    ? blue - red + 2 * range
    : red - green + 4 * range;
  const hue = (Math.imul(sixth, HUE_OVER[range]) + half) >> SHIFT;
  return ((hue < 0 ? hue + 180 : hue) << 16) | (saturation << 8) | value;
}

/** The pixel of the given hue (0 … 179), saturation and value, packed as R·2¹⁶ + G·2⁸ + B. */
export function rgbOf(hue: number, saturation: number, value: number): number {
  const sector = (hue / 30) | 0;
  const rest = hue - 30 * sector;
  // value · (1 − saturation · share), with share in thirtieths; even sectors rise, odd ones fall.
  const low = (Math.imul(value, 255 - saturation) / 255 + 0.5) | 0;
  const share = (sector & 1) === 0 ? 30 - rest : rest;
  const middle = (Math.imul(value, 7650 - Math.imul(saturation, share)) / 7650 + 0.5) | 0;
  switch (sector) {
    case 0:
      return (value << 16) | (middle << 8) | low;
    case 1:
      return (middle << 16) | (value << 8) | low;
    case 2:
      return (low << 16) | (value << 8) | middle;
    case 3:
      return (low << 16) | (middle << 8) | value;
    case 4:
      return (middle << 16) | (low << 8) | value;
    default:
      return (value << 16) | (low << 8) | middle;
  }
}

/**
 * As `cv2.cvtColor(…, COLOR_RGB2HSV)`, bit for bit.
 *
 * @throws {RangeError} when the image is not RGB.
 */
export function hsvOfRgb(source: Image): Image {
  requireOrder(source, "RGB");
  const { width, height, data } = source;
  const out = new Uint8Array(data.length);
  for (let i = 0; i < data.length; i += 3) unpack(hsvOf(data[i], data[i + 1], data[i + 2]), out, i);
  return image(width, height, "HSV", out);
}

/**
 * As `cv2.cvtColor(…, COLOR_HSV2RGB)`, to one level; hues of 180 and more begin again at 0.
 *
 * @throws {RangeError} when the image is not HSV.
 */
export function rgbOfHsv(source: Image): Image {
  requireOrder(source, "HSV");
  const { width, height, data } = source;
  const out = new Uint8Array(data.length);
  for (let i = 0; i < data.length; i += 3) unpack(rgbOf(data[i] % 180, data[i + 1], data[i + 2]), out, i);
  return image(width, height, "RGB", out);
}

function unpack(packed: number, out: Uint8Array, at: number): void {
  out[at] = packed >> 16;
  out[at + 1] = packed >> 8;
  out[at + 2] = packed;
}
