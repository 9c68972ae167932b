/** SLIT: masks as the regions between the boundaries that a network draws (subobject-level image tokenization). */

import type { SegformerProcessor } from "../models/segformer/image_processor.ts";
import type { HostTensor } from "../tensor/host_tensor.ts";
import { float32 } from "../tensor/host_tensor.ts";
import type { Image, Mask } from "../vision/image.ts";
import { resizePillow } from "../vision/resize/pillow.ts";
import { interpolate } from "../vision/resize/torch.ts";
import { masksOfRegions, regionsBetweenBoundaries } from "./boundary_regions.ts";

/** Below this probability a pixel is no boundary. */
export const SLIT_THRESHOLD = 0.001;

/** An image as the network sees it, before and after it becomes numbers. */
export interface SlitInput {
  readonly resized: Image;
  /** [3, height, width] */
  readonly pixels: HostTensor<"float32">;
}

/** An RGB image stretched to the processor's size by Pillow's bilinear filter, then (v · rescale − mean)/std. */
export function slitInput(source: Image, { size, rescale, mean, std }: SegformerProcessor): SlitInput {
  const resized = size ? resizePillow(source, size.width, size.height, "bilinear") : source;
  const f = Math.fround;
  const tables = mean.map((center, c) =>
    Float32Array.from({ length: 256 }, (_, v) => f(f(v * rescale) - f(center)) / f(std[c]))
  );
  const area = resized.width * resized.height;
  const pixels = new Float32Array(3 * area);
  for (let i = 0; i < area; i++) {
    for (let c = 0; c < 3; c++) pixels[c * area + i] = tables[c][resized.data[3 * i + c]];
  }
  return { resized, pixels: float32([3, resized.height, resized.width], pixels) };
}

/**
 * The probability that a pixel lies on a boundary, row-major.
 *
 * @param logits [1, h, w] of the network
 * @param width,height of the image
 */
export function boundaryProbability(
  logits: HostTensor<"float32">,
  width: number,
  height: number,
): Float32Array {
  const { data } = interpolate(logits, width, height, "bilinear");
  return Float32Array.from(data, (x) => 1 / (1 + Math.exp(-x)));
}

/**
 * The regions between boundaries, largest first (equal ones in OpenCV's order of labels), one by one. See
 * `regionsBetweenBoundaries`.
 */
export function masksBetweenBoundaries(
  probability: Float32Array,
  width: number,
  height: number,
  threshold: number = SLIT_THRESHOLD,
): Generator<Mask> {
  const regions = regionsBetweenBoundaries(probability, width, height, threshold);
  return masksOfRegions(regions, width, height);
}
