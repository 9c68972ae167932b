/** The suite `images`: decoding, resizing, normalisation and colour. */

import type { Case, Outcome, Runner } from "../case.ts";
import { pathOf, tensorOf } from "../case.ts";
import { float32, type HostTensor, hostTensor } from "../../../lib/tensor/host_tensor.ts";
import {
  type ColorOrder,
  type Image,
  image,
  imageOfMask,
  type Mask,
  mask,
} from "../../../lib/vision/image.ts";
import { decodeImage, decodeOverWhite } from "../../../lib/vision/decode.ts";
import { overWhite } from "../../../lib/vision/over_white.ts";
import { normalize } from "../../../lib/vision/normalize.ts";
import { labOfRgb, rgbOfLab } from "../../../lib/vision/color/lab.ts";
import { encodeRunLengths } from "../../../lib/vision/masks/rle.ts";
import { resizeLinear, resizeNearest, resizeRunLengthsLinear } from "../../../lib/vision/resize/opencv.ts";
import { resizeArea } from "../../../lib/vision/resize/opencv_area.ts";
import { resizeCubicMap } from "../../../lib/vision/resize/opencv_cubic.ts";
import { type PillowFilter, resizePillow } from "../../../lib/vision/resize/pillow.ts";
import { interpolate, type InterpolateMode } from "../../../lib/vision/resize/torch.ts";
import { grayOfRgb, hsvOfRgb, luminance, rgbOfHsv } from "../reference/colors.ts";
import { hlsOfRgb } from "../reference/hls.ts";
import { resizeCubic } from "../reference/resize_cubic.ts";

const RESIZES: Readonly<Record<string, (source: Image, width: number, height: number) => Image>> = {
  cv2_linear: resizeLinear,
  cv2_nearest: resizeNearest,
  cv2_area: resizeArea,
  cv2_cubic: resizeCubic,
};

const SOURCE_ORDERS: Readonly<Record<string, ColorOrder>> = { hsv: "HSV", lab: "LAB" };

const CONVERSIONS: Readonly<Record<string, (source: Image) => HostTensor>> = {
  rgb_to_gray: (source) => hostTensor("uint8", [source.height, source.width], grayOfRgb(source).data),
  skimage_gray: luminance,
  rgb_to_hsv: (source) => tensorOfImage(hsvOfRgb(source)),
  hsv_to_rgb: (source) => tensorOfImage(rgbOfHsv(source)),
  rgb_to_hls: (source) => tensorOfImage(hlsOfRgb(source)),
  rgb_to_lab: (source) => tensorOfImage(labOfRgb(source)),
  lab_to_rgb: (source) => tensorOfImage(rgbOfLab(source)),
};

export const runners: Record<string, Runner> = {
  "images.decode": decode,
  "images.photo": photo,
  "images.decode_error": async (testCase) => {
    const { width, height } = await decodeImage(pathOf(testCase, testCase.params.file));
    return { values: { width, height } };
  },
  "images.resize": (testCase) => {
    const [height, width] = testCase.params.size;
    const [library, filter] = testCase.params.method.split("_");
    const source = imageOf(testCase, "in.image");
    const out = library === "pil"
      ? resizePillow(source, width, height, filter as PillowFilter)
      : RESIZES[testCase.params.method](source, width, height);
    return { tensors: { "out.image": tensorOfImage(out) } };
  },
  "images.resize_float": (testCase) => {
    const [height, width] = testCase.params.size;
    const mode = testCase.params.method.replace("torch_", "").replace("_", "-") as InterpolateMode;
    return { tensors: { "out.image": interpolate(planesOf(testCase), width, height, mode) } };
  },
  "images.resize_float_map": (testCase) => {
    const [height, width] = testCase.params.size;
    const map = tensorOf(testCase, "in.map") as HostTensor<"float32">;
    return { tensors: { "out.map": resizeCubicMap(map, width, height) } };
  },
  "images.resize_mask": (testCase) => {
    const [height, width] = testCase.params.size;
    const source = maskOf(testCase, "in.mask");
    const { data } = testCase.params.method === "cv2_linear"
      ? resizeRunLengthsLinear(encodeRunLengths(source), width, height)
      : resizeNearest(imageOfMask(source), width, height);
    return { tensors: { "out.mask": hostTensor("uint8", [height, width], data) } };
  },
  "images.normalize": (testCase) => {
    const source = imageOf(testCase, "in.image");
    const { data } = normalize(source, testCase.params);
    const size = source.width * source.height;
    const interleaved = Float32Array.from(
      { length: 3 * size },
      (_, i) => data[(i % 3) * size + Math.floor(i / 3)],
    );
    return { tensors: { "out.image": float32([source.height, source.width, 3], interleaved) } };
  },
  "images.color": (testCase) => {
    const { conversion } = testCase.params;
    const order = SOURCE_ORDERS[conversion.split("_")[0]] ?? "RGB";
    const { width, height, data } = imageOf(testCase, "in.image");
    return { tensors: { "out.image": CONVERSIONS[conversion](image(width, height, order, data)) } };
  },
  "images.alpha": (testCase) => {
    return { tensors: { "out.image": tensorOfImage(overWhite(imageOf(testCase, "in.image"))) } };
  },
};

async function decode(testCase: Case): Promise<Outcome> {
  const path = pathOf(testCase, testCase.params.file);
  const rgb = await decodeImage(path);
  const tensors = {
    "out.rgb": tensorOfImage(rgb),
    "out.reference": tensorOfImage(await decodeOverWhite(path)),
  };
  return { tensors, values: { width: rgb.width, height: rgb.height } };
}

async function photo(testCase: Case): Promise<Outcome> {
  const { width, height, data } = await decodeImage(pathOf(testCase, testCase.params.photo));
  const { rows, columns } = testCase.params;
  const samples = new Uint8Array(rows.length * columns.length * 3);
  let to = 0;
  for (const y of rows) {
    for (const x of columns) {
      for (let c = 0; c < 3; c++) samples[to++] = data[(y * width + x) * 3 + c];
    }
  }
  const mean = [0, 0, 0];
  for (let i = 0; i < data.length; i++) mean[i % 3] += data[i] / (width * height);
  return {
    tensors: { "out.samples": hostTensor("uint8", [rows.length, columns.length, 3], samples) },
    values: { width, height, mean },
  };
}

/** The case's tensor of that name as an image; its channels tell the colour order. */
export function imageOf(testCase: Case, name: string): Image {
  const { shape: [height, width, channels], data } = tensorOf(testCase, name) as HostTensor<"uint8">;
  const order: ColorOrder = channels === 4 ? "RGBA" : "RGB";
  return image(width, height, order, data);
}

/** The case's tensor of that name as a mask. */
export function maskOf(testCase: Case, name: string): Mask {
  const { shape: [height, width], data } = tensorOf(testCase, name) as HostTensor<"uint8">;
  return mask(width, height, data);
}

/** An image as the tensor [H, W, C] that cases hold. */
export function tensorOfImage({ width, height, channels, data }: Image): HostTensor<"uint8"> {
  return hostTensor("uint8", [height, width, channels], data);
}

/** The case's image divided by 255 as planes [3, H, W]. */
function planesOf(testCase: Case): HostTensor<"float32"> {
  const { width, height, data } = imageOf(testCase, "in.image");
  const size = width * height;
  const planes = Float32Array.from(
    { length: 3 * size },
    (_, i) => data[(i % size) * 3 + Math.floor(i / size)] / 255,
  );
  return float32([3, height, width], planes);
}
