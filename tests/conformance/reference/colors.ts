/** Conversions of whole images that the reference has and no part of the product needs, as OpenCV and scikit-image do them. */

import { float32, type HostTensor } from "../../../lib/tensor/host_tensor.ts";
import { grayLevel } from "../../../lib/vision/color/gray.ts";
import { HSV_BLOCK, hsvOf, rgbOf } from "../../../lib/vision/color/hsv.ts";
import { type Image, image } from "../../../lib/vision/image.ts";

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
