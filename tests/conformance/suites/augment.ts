/** The suite `augment`: transforms with explicit parameters, chains of them, and what the samplers draw. */

import type { Case, Json, Outcome, Runner } from "../case.ts";
import { tensorOf } from "../case.ts";
import { imageOf, maskOf, tensorOfImage } from "./images.ts";
import { type HostTensor, hostTensor } from "../../../lib/tensor/host_tensor.ts";
import { cropImage, objectRectangle } from "../../../lib/data/views/crop_rectangle.ts";
import { type Image, imageOfMask } from "../../../lib/vision/image.ts";
import { IMAGENET, normalize } from "../../../lib/vision/normalize.ts";
import { resizeLinear } from "../../../lib/vision/resize/opencv.ts";
import { type AffineMatrix, affineMatrix, warpAffine } from "../../../lib/vision/augment/affine.ts";
import { applyOperations } from "../../../lib/vision/augment/apply.ts";
import { colorJitter } from "../../../lib/vision/augment/color.ts";
import type { Operation } from "../../../lib/vision/augment/draw.ts";
import { perspectiveOf, warpPerspective, warpToOwnSize } from "../../../lib/vision/augment/perspective.ts";
import {
  addNoise,
  blur,
  compressJpeg,
  flipHorizontally,
  posterize,
} from "../../../lib/vision/augment/pixels.ts";
import { pipeline, type Transform } from "../../../lib/vision/augment/transforms.ts";
import { adjustColor } from "../../vision/augment/adjust_color.ts";
import { compareRanges } from "./augment_ranges.ts";

export const runners: Record<string, Runner> = {
  "augment.hflip": (testCase) => imageOnly(flipHorizontally(imageOf(testCase, "in.image"))),
  "augment.affine": (testCase) => {
    const source = imageOf(testCase, "in.image");
    const matrix = affineMatrix(testCase.params, source);
    return {
      tensors: {
        "out.matrix": hostTensor("float64", [2, 3], Float64Array.from(matrix)),
        "out.image": tensorOfImage(warpAffine(source, matrix, testCase.params.border)),
      },
    };
  },
  "augment.affine_mask": (testCase) => {
    const source = maskOf(testCase, "in.mask");
    const matrix = affineMatrix(testCase.params, source);
    const moved = warpAffine(imageOfMask(source), matrix, testCase.params.border, "nearest");
    const { width, height, data } = moved;
    return { tensors: { "out.mask": hostTensor("uint8", [height, width], data) } };
  },
  "augment.affine_matrix": (testCase) => {
    const matrix = affineMatrix(testCase.params, testCase.params);
    return { tensors: { "out.matrix": hostTensor("float64", [2, 3], Float64Array.from(matrix)) } };
  },
  "augment.perspective": (testCase) => {
    const source = imageOf(testCase, "in.image");
    const perspective = perspectiveOf(testCase.params.q, source);
    return {
      tensors: {
        "out.matrix": hostTensor("float64", [3, 3], Float64Array.from(perspective.matrix)),
        "out.warped": tensorOfImage(warpToOwnSize(source, perspective)),
        "out.image": tensorOfImage(warpPerspective(source, perspective)),
      },
      values: { max_width: perspective.width, max_height: perspective.height },
    };
  },
  "augment.color_op": (testCase) => {
    const { op, factor } = testCase.params;
    return imageOnly(adjustColor(imageOf(testCase, "in.image"), op, factor));
  },
  "augment.color_jitter": (testCase) =>
    imageOnly(colorJitter(imageOf(testCase, "in.image"), testCase.params)),
  "augment.posterize": (testCase) =>
    imageOnly(posterize(imageOf(testCase, "in.image"), testCase.params.bits)),
  "augment.blur": (testCase) => imageOnly(blur(imageOf(testCase, "in.image"), testCase.params.kernel)),
  "augment.gauss_noise": (testCase) => {
    const noise = tensorOf(testCase, "in.noise") as HostTensor<"float64">;
    return imageOnly(addNoise(imageOf(testCase, "in.image"), noise.data));
  },
  "augment.jpeg": async (testCase) =>
    imageOnly(await compressJpeg(imageOf(testCase, "in.image"), testCase.params.quality)),
  "augment.crop": (testCase) => {
    const source = imageOf(testCase, "in.image");
    const { width, height } = source;
    return imageOnly(cropImage(source, objectRectangle(testCase.params.box, width, height, "reference")));
  },
  "augment.chain": chain,
  "augment.ranges": (testCase) => compareRanges(testCase),
};

function imageOnly(result: Image): Outcome {
  return { tensors: { "out.image": tensorOfImage(result) } };
}

async function chain(testCase: Case): Promise<Outcome> {
  const [height, width] = testCase.params.size;
  const [resize, ...steps] = testCase.params.operations;
  if (resize.op !== "Resize") throw new Error(`the chain begins with ${resize.op}, not with the resize`);
  const transforms: Transform[] = testCase.params.stages.flatMap(([name, level]: Json) =>
    pipeline(name, level, "wrap")
  );
  const operations = steps.map((step: Json) => operationOf(step, transforms));
  const result = await applyOperations(
    resizeLinear(imageOf(testCase, "in.image"), width, height),
    operations,
  );
  return {
    tensors: { "out.image": tensorOfImage(result), "out.normalized": normalize(result, IMAGENET) },
  };
}

/** A step of a chain; a parameter that the case does not state is the lower end of its range. */
function operationOf(step: Json, transforms: readonly Transform[]): Operation {
  switch (step.op) {
    case "HorizontalFlip":
      return { operation: "flip" };
    case "Perspective":
      return {
        operation: "perspective",
        perspective: { matrix: step.matrix.flat(), width: step.max_width, height: step.max_height },
      };
    case "Affine":
      return { operation: "affine", matrix: step.matrix.flat() as unknown as AffineMatrix, border: "wrap" };
    case "ColorJitter":
      return { operation: "color_jitter", jitter: step };
    case "Posterize":
      return { operation: "posterize", bits: step.num_bits };
    case "Blur":
      return { operation: "blur", kernel: step.ksize };
    case "GaussNoise":
      return {
        operation: "gauss_noise",
        sigma: Math.sqrt(step.variance ?? rangeOf(transforms, "gauss_noise").variance[0]),
        noise: { seed: 0, purpose: "chain" },
      };
    case "ImageCompression":
      return { operation: "jpeg", quality: step.quality ?? rangeOf(transforms, "jpeg").quality[0] };
    default:
      throw new Error(`the chain has an unknown operation "${step.op}"`);
  }
}

function rangeOf<Name extends Transform["transform"]>(
  transforms: readonly Transform[],
  name: Name,
): Extract<Transform, { transform: Name }> {
  const found = transforms.find((other) => other.transform === name);
  if (!found) throw new Error(`the chain has an operation "${name}" that its stages lack`);
  return found as Extract<Transform, { transform: Name }>;
}
