/** Applies drawn operations to an image. */

import { RandomStream } from "../../tensor/random.ts";
import type { Image } from "../image.ts";
import { warpAffine } from "./affine.ts";
import { colorJitter } from "./color.ts";
import type { Operation } from "./draw.ts";
import { warpPerspective } from "./perspective.ts";
import { addNoise, blur, compressJpeg, flipHorizontally, posterize } from "./pixels.ts";

/** `source` after the operations, in their order. */
export async function applyOperations(source: Image, operations: readonly Operation[]): Promise<Image> {
  let result = source;
  for (const operation of operations) {
    result = operation.operation === "jpeg"
      ? await compressJpeg(result, operation.quality)
      : applyOperation(result, operation);
  }
  return result;
}

/** `source` after one operation; asynchronous only for JPEG compression. */
export function applyOperation(
  source: Image,
  operation: Exclude<Operation, { operation: "jpeg" }>,
): Image {
  switch (operation.operation) {
    case "flip":
      return flipHorizontally(source);
    case "perspective":
      return warpPerspective(source, operation.perspective);
    case "affine":
      return warpAffine(source, operation.matrix, operation.border);
    case "color_jitter":
      return colorJitter(source, operation.jitter);
    case "posterize":
      return posterize(source, operation.bits);
    case "blur":
      return blur(source, operation.kernel);
    case "gauss_noise": {
      const random = new RandomStream(operation.noise);
      const noise = Float64Array.from(source.data, () => random.normal(0, operation.sigma));
      return addNoise(source, noise);
    }
  }
}
