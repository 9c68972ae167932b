/** Pixels of RGB to hue, saturation, value and back, in OpenCV's byte scaling. */

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

/** The sixth of the colour circle that contains a hue, in float32 like the following steps. */
const SECTOR = new Uint8Array(180);
/** How far the pixel's middle channel is from its value towards its lowest one. */
const SHARE = new Float32Array(180);
for (let hue = 0; hue < 180; hue++) {
  const position = Math.fround(hue * Math.fround(6 / 180));
  SECTOR[hue] = Math.trunc(position);
  const rest = Math.fround(position - SECTOR[hue]);
  SHARE[hue] = SECTOR[hue] % 2 === 0 ? Math.fround(1 - rest) : rest;
}
const UNIT = Float32Array.from({ length: 256 }, (_, level) => level * Math.fround(1 / 255));

/**
 * OpenCV converts 32 pixels of a row at a time and truncates their levels; the rest of the row is rounded.
 */
export const HSV_BLOCK = 32;

/**
 * The pixel of the given hue (0 … 179), saturation and value, packed as R·2¹⁶ + G·2⁸ + B.
 *
 * @param rounding added before a level is truncated: 0, or ½ for the rest of a row after its last
 *   whole block of `HSV_BLOCK` pixels
 */
export function rgbOf(hue: number, saturation: number, value: number, rounding: number): number {
  const f = Math.fround;
  const s = UNIT[saturation];
  const v = UNIT[value];
  const low = (f(f(v * f(1 - s)) * 255) + rounding) | 0;
  const middle = (f(f(v * f(1 - s * SHARE[hue])) * 255) + rounding) | 0;
  switch (SECTOR[hue]) {
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
