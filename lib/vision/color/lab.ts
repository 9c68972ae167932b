/** RGB to CIE L*a*b* (white point D65) and back, in OpenCV's byte scaling. */

import { type Image, image, requireOrder } from "../image.ts";
import { roundHalfEven } from "../rounding.ts";

/** Linear RGB to X, Y, Z; rows divided by the white point below. */
const XYZ_OF_RGB = [0.412453, 0.357580, 0.180423, 0.212671, 0.715160, 0.072169, 0.019334, 0.119193, 0.950227];
const RGB_OF_XYZ = [
  3.240479,
  -1.53715,
  -0.498535,
  -0.969256,
  1.875991,
  0.041556,
  0.055648,
  -0.204043,
  1.057311,
];
const WHITE = [0.950456, 1, 1.088754];

/** Below this share of the white point the cube root is replaced by a line. */
const LINEAR_BELOW = 0.008856;
const SLOPE = 7.787;
const OFFSET = 16 / 116;

// RGB → LAB in integers: dark colours have so few levels that rounding decides about a and b.
const MATRIX_SHIFT = 12;
const GAMMA_SHIFT = 3;
const ROOT_SHIFT = MATRIX_SHIFT + GAMMA_SHIFT;
const MATRIX = XYZ_OF_RGB.map((x, i) => roundHalfEven((x * 2 ** MATRIX_SHIFT) / WHITE[Math.floor(i / 3)]));
/** A byte to linear light in units of 1/(255 · 2³). */
const LINEAR = Int32Array.from(
  { length: 256 },
  (_, i) => roundHalfEven(255 * 2 ** GAMMA_SHIFT * linearOf(i / 255)),
);
/** A share of the white point in units of 1/(255 · 2³) to its compressed value in units of 2⁻¹⁵. */
const COMPRESSED = Int32Array.from(
  { length: (256 * 3 * 2 ** GAMMA_SHIFT) / 2 },
  (_, i) => roundHalfEven(2 ** ROOT_SHIFT * compress(i / (255 * 2 ** GAMMA_SHIFT))),
);
const LIGHTNESS_SCALE = Math.trunc((116 * 255 + 50) / 100);
const LIGHTNESS_SHIFT = -Math.trunc((16 * 255 * 2 ** ROOT_SHIFT + 50) / 100);

/**
 * As `cv2.cvtColor(…, COLOR_RGB2LAB)`.
 *
 * @throws {RangeError} when the image is not RGB.
 */
export function labOfRgb(source: Image): Image {
  requireOrder(source, "RGB");
  const { width, height, data } = source;
  const out = new Uint8ClampedArray(data.length);
  for (let i = 0; i < data.length; i += 3) {
    const fx = compressed(data, i, 0);
    const fy = compressed(data, i, 3);
    const fz = compressed(data, i, 6);
    out[i] = descale(LIGHTNESS_SCALE * fy + LIGHTNESS_SHIFT, ROOT_SHIFT);
    out[i + 1] = descale(500 * (fx - fy), ROOT_SHIFT) + 128;
    out[i + 2] = descale(200 * (fy - fz), ROOT_SHIFT) + 128;
  }
  return image(width, height, "LAB", new Uint8Array(out.buffer));
}

function compressed(data: Uint8Array, at: number, row: number): number {
  const sum = MATRIX[row] * LINEAR[data[at]] + MATRIX[row + 1] * LINEAR[data[at + 1]] +
    MATRIX[row + 2] * LINEAR[data[at + 2]];
  return COMPRESSED[descale(sum, MATRIX_SHIFT)];
}

function descale(value: number, shift: number): number {
  return (value + (1 << (shift - 1))) >> shift;
}

function linearOf(x: number): number {
  return x <= 0.04045 ? x / 12.92 : ((x + 0.055) / 1.055) ** 2.4;
}

/**
 * As `cv2.cvtColor(…, COLOR_LAB2RGB)`, to two levels; colours outside RGB are clipped.
 *
 * @throws {RangeError} when the image is not LAB.
 */
export function rgbOfLab(source: Image): Image {
  requireOrder(source, "LAB");
  const { width, height, data } = source;
  const out = new Uint8ClampedArray(data.length);
  for (let i = 0; i < data.length; i += 3) {
    const fy = (data[i] / 2.55 + 16) / 116;
    const x = expand(fy + (data[i + 1] - 128) / 500) * WHITE[0];
    const y = expand(fy);
    const z = expand(fy - (data[i + 2] - 128) / 200) * WHITE[2];
    for (let c = 0; c < 3; c++) {
      const linear = RGB_OF_XYZ[3 * c] * x + RGB_OF_XYZ[3 * c + 1] * y + RGB_OF_XYZ[3 * c + 2] * z;
      const clipped = Math.min(Math.max(linear, 0), 1);
      out[i + c] = 255 * (clipped <= 0.0031308 ? clipped * 12.92 : 1.055 * clipped ** (1 / 2.4) - 0.055);
    }
  }
  return image(width, height, "RGB", new Uint8Array(out.buffer));
}

function compress(share: number): number {
  return share > LINEAR_BELOW ? Math.cbrt(share) : SLOPE * share + OFFSET;
}

function expand(f: number): number {
  return f > SLOPE * LINEAR_BELOW + OFFSET ? f ** 3 : (f - OFFSET) / SLOPE;
}
