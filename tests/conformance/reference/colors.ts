/** Conversions of whole images that the reference has and no part of the product needs, as OpenCV and scikit-image do them. */

import { float32, type HostTensor } from "../../../lib/tensor/host_tensor.ts";
import { grayLevel } from "../../../lib/vision/color/gray.ts";
import { HSV_BLOCK, hsvOf, rgbOf } from "../../../lib/vision/color/hsv.ts";
import { type Image, image } from "../../../lib/vision/image.ts";

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
const SLOPE = 7.787;
const OFFSET = 16 / 116;
/** The cube root of the share of the white point below which a line replaces it. */
const LINEAR_BELOW = SLOPE * 0.008856 + OFFSET;

/** As `cv2.cvtColor(…, COLOR_RGB2GRAY)`. */
export function grayOfRgb({ width, height, data }: Image): Image {
  const levels = Uint8Array.from(
    { length: width * height },
    (_, i) => grayLevel(data[3 * i], data[3 * i + 1], data[3 * i + 2]),
  );
  return image(width, height, "GRAY", levels);
}

/** As scikit-image's `rgb2gray`: luminance 0 … 1, weights 0.2125, 0.7154, 0.0721. */
export function luminance({ width, height, data }: Image): HostTensor<"float32"> {
  const values = Float32Array.from(
    { length: width * height },
    (_, i) => (0.2125 * data[3 * i] + 0.7154 * data[3 * i + 1] + 0.0721 * data[3 * i + 2]) / 255,
  );
  return float32([height, width], values);
}

/** As `cv2.cvtColor(…, COLOR_RGB2HSV)`. */
export function hsvOfRgb({ width, height, data }: Image): Image {
  const packed = (i: number) => hsvOf(data[i], data[i + 1], data[i + 2]);
  return image(width, height, "HSV", unpacked(data.length, packed));
}

/** As `cv2.cvtColor(…, COLOR_HSV2RGB)`; hues of 180 and more begin again at 0. */
export function rgbOfHsv({ width, height, data }: Image): Image {
  const blocks = width - width % HSV_BLOCK;
  const packed = (i: number) =>
    rgbOf(data[i] % 180, data[i + 1], data[i + 2], (i / 3) % width < blocks ? 0 : 0.5);
  return image(width, height, "RGB", unpacked(data.length, packed));
}

function unpacked(length: number, packedAt: (i: number) => number): Uint8Array {
  const out = new Uint8Array(length);
  for (let i = 0; i < length; i += 3) {
    const packed = packedAt(i);
    out.set([packed >> 16, packed >> 8, packed].map((value) => value & 255), i);
  }
  return out;
}

/**
 * As `cv2.cvtColor(…, COLOR_LAB2RGB)`, to two levels; colours outside RGB are clipped.
 */
export function rgbOfLab(source: Image): Image {
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

function expand(f: number): number {
  return f > LINEAR_BELOW ? f ** 3 : (f - OFFSET) / SLOPE;
}
