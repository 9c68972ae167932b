/** Draws the parameters of a pipeline's transforms for one image. */

import { RandomStream, type StreamId } from "../../tensor/random.ts";
import type { Size } from "../rectangle.ts";
import { type AffineMatrix, affineMatrix, type AffineParameters } from "./affine.ts";
import { COLOR_OPERATIONS, type ColorJitter } from "./color.ts";
import { type Perspective, perspectiveOf } from "./perspective.ts";
import type { Border } from "./remap.ts";
import type { Range, Transform } from "./transforms.ts";

/** A transform with all of its parameters drawn: the same operation on the same image gives the same bits. */
export type Operation =
  | { readonly operation: "flip" }
  | { readonly operation: "perspective"; readonly perspective: Perspective }
  | { readonly operation: "affine"; readonly matrix: AffineMatrix; readonly border: Border }
  | { readonly operation: "color_jitter"; readonly jitter: ColorJitter }
  | { readonly operation: "posterize"; readonly bits: number }
  | { readonly operation: "blur"; readonly kernel: number }
  /** Noise N(0, `sigma`²) a sample, from its own stream. */
  | { readonly operation: "gauss_noise"; readonly sigma: number; readonly noise: StreamId }
  | { readonly operation: "jpeg"; readonly quality: number };

/**
 * The operations for one image of the given size. Each is drawn from `stream` alone, so the draw of an image
 * does not depend on which images came before.
 *
 * @param stream names the run's seed, the purpose, the epoch and the image
 */
export function drawOperations(transforms: readonly Transform[], size: Size, stream: StreamId): Operation[] {
  const random = new RandomStream(stream);
  const operations: Operation[] = [];
  for (const transform of transforms) {
    if (random.uniform() < transform.p) operations.push(drawOperation(transform, size, random, stream));
  }
  return operations;
}

function drawOperation(transform: Transform, size: Size, random: RandomStream, stream: StreamId): Operation {
  switch (transform.transform) {
    case "flip":
      return { operation: "flip" };
    case "perspective":
      return { operation: "perspective", perspective: drawPerspective(transform.scale, size, random) };
    case "affine": {
      const matrix = affineMatrix(drawAffine(transform, size, random), size);
      return { operation: "affine", matrix, border: transform.border };
    }
    case "color_jitter":
      return {
        operation: "color_jitter",
        jitter: {
          brightness: random.uniform(...transform.brightness),
          contrast: random.uniform(...transform.contrast),
          saturation: random.uniform(...transform.saturation),
          hue: random.uniform(...transform.hue),
          order: [...random.permutation(COLOR_OPERATIONS.length)],
        },
      };
    case "posterize":
      return { operation: "posterize", bits: integer(transform.bits, random) };
    case "blur": {
      const [low, high] = transform.kernel;
      return { operation: "blur", kernel: low + 2 * random.integer((high - low) / 2 + 1) };
    }
    case "gauss_noise":
      return {
        operation: "gauss_noise",
        sigma: Math.sqrt(random.uniform(...transform.variance)),
        noise: { ...stream, purpose: `${stream.purpose} noise` },
      };
    case "jpeg":
      return { operation: "jpeg", quality: integer(transform.quality, random) };
  }
}

/** Each corner moves inwards by |N(0, σ)| of the sides, with σ uniform in `scale`. */
export function drawPerspective(scale: Range, size: Size, random: RandomStream): Perspective {
  const sigma = random.uniform(...scale);
  const draw = Array.from({ length: 4 }, (): [number, number] => [
    Math.abs(random.normal(0, sigma)),
    Math.abs(random.normal(0, sigma)),
  ]);
  return perspectiveOf(draw, size);
}

/** Uniform in the ranges of `transform`, each direction on its own. */
export function drawAffine(
  { scale, shear, rotate, translate }: Extract<Transform, { transform: "affine" }>,
  { width, height }: Size,
  random: RandomStream,
): AffineParameters {
  return {
    translate: translate
      ? [random.uniform(...translate) * width, random.uniform(...translate) * height]
      : [0, 0],
    shear: [random.uniform(...shear), random.uniform(...shear)],
    scale: [random.uniform(...scale), random.uniform(...scale)],
    rotate: random.uniform(...rotate),
  };
}

function integer([low, high]: Range, random: RandomStream): number {
  return low + random.integer(high - low + 1);
}
