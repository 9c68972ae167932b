/** Images into the float planes that a network reads. */

import { float32, type HostTensor } from "../tensor/host_tensor.ts";
import { type Image, requireOrder } from "./image.ts";

/** Mean and standard deviation of red, green and blue, of values in 0 … 1. */
export interface ColorStatistics {
  readonly mean: readonly number[];
  readonly std: readonly number[];
}

/** What ResNet, VGG and DenseNet were trained with. */
export const IMAGENET: ColorStatistics = { mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] };

/** A byte to its normalised value, for red, green and blue. */
export type NormalizeTables = readonly [Float32Array, Float32Array, Float32Array];

/** Of each channel 255·mean and 1 / (255·std), each step in float32 as albumentations does: a level v is (v − center) · factor. */
export function normalizingFactors({ mean, std }: ColorStatistics): { center: number; factor: number }[] {
  const f = Math.fround;
  return mean.map((value, c) => ({ center: f(f(value) * 255), factor: f(1 / f(f(std[c]) * 255)) }));
}

/** The normalised value of every level, each step in float32. */
export function normalizeTables(colors: ColorStatistics): NormalizeTables {
  const [reds, greens, blues] = normalizingFactors(colors).map(({ center, factor }) =>
    Float32Array.from({ length: 256 }, (_, v) => Math.fround(v - center) * factor)
  );
  return [reds, greens, blues];
}

/**
 * An RGB image as planes [3, H, W] of normalised values.
 *
 * @throws {RangeError} when the image is not RGB.
 */
export function normalize(source: Image, statistics: ColorStatistics): HostTensor<"float32"> {
  const out = new Float32Array(source.data.length);
  normalizeInto(source, normalizeTables(statistics), out, 0);
  return float32([3, source.height, source.width], out);
}

/**
 * As `normalize`, into a batch: the planes are written to `out` from `start` on.
 *
 * @throws {RangeError} when the image is not RGB or the planes don't fit.
 */
export function normalizeInto(
  source: Image,
  [reds, greens, blues]: NormalizeTables,
  out: Float32Array,
  start: number,
): void {
  requireOrder(source, "RGB");
  const { data } = source;
  requireRoom(data.length, start, out.length);
  const size = data.length / 3;
  for (let i = 0, from = 0; i < size; i++, from += 3) {
    out[start + i] = reds[data[from]];
    out[start + size + i] = greens[data[from + 1]];
    out[start + 2 * size + i] = blues[data[from + 2]];
  }
}

/**
 * The levels of an RGB image, into a batch: the planes are written to `out` from `start` on.
 *
 * @throws {RangeError} when the image is not RGB or the planes don't fit.
 */
export function levelsInto(source: Image, out: Uint8Array, start: number): void {
  requireOrder(source, "RGB");
  const { data } = source;
  requireRoom(data.length, start, out.length);
  const size = data.length / 3;
  for (let i = 0, from = 0; i < size; i++) {
    out[start + i] = data[from++];
    out[start + size + i] = data[from++];
    out[start + 2 * size + i] = data[from++];
  }
}

function requireRoom(length: number, start: number, room: number): void {
  if (start >= 0 && start + length <= room) return;
  throw new RangeError(`${length} values from ${start} on don't fit into a batch of ${room}`);
}
