/** Computes the scores of prototypes and selects the highest. */

import { float32, type HostTensor } from "../tensor/host_tensor.ts";
import { MetricError } from "./metric_error.ts";
import { sidesOf, sliceOf } from "./shapes.ts";

/** The largest value; NaN if any value is NaN. */
export function maximum(values: ArrayLike<number>): number {
  let largest = -Infinity;
  for (let i = 0; i < values.length; i++) {
    if (!(values[i] <= largest)) {
      largest = values[i];
      if (largest !== largest) return NaN;
    }
  }
  return largest;
}

/** The spatial maximum of each map of a stack (… × height × width): the scores of the prototypes. */
export function spatialMaxima({ shape, data }: HostTensor<"float32">): HostTensor<"float32"> {
  if (shape.length < 3) {
    throw new MetricError(`maps must have the shape [maps, height, width], but [${shape}] was given`);
  }
  const cells = shape[shape.length - 2] * shape[shape.length - 1];
  if (cells === 0) throw new MetricError(`maps must have at least one cell, but their shape is [${shape}]`);
  const scores = Float32Array.from(
    { length: data.length / cells },
    (_, i) => maximum(data.subarray(i * cells, (i + 1) * cells)),
  );
  return float32(shape.slice(0, -2), scores);
}

/**
 * The indices of `values` in descending order of value, NaN first; equal values in ascending order of index.
 */
export function descendingOrder(values: ArrayLike<number>): number[] {
  return Array.from({ length: values.length }, (_, i) => i).sort((a, b) =>
    compareDescending(values[a], values[b])
  );
}

function compareDescending(a: number, b: number): number {
  if (a !== a || b !== b) return Number(b !== b) - Number(a !== a);
  return b - a || 0;
}

/**
 * The indices of the `k` highest scores, in descending order of score.
 *
 * @throws {MetricError} if there are fewer than `k` scores.
 */
export function topIndices(scores: ArrayLike<number>, k: number): number[] {
  if (!Number.isInteger(k) || k < 1 || k > scores.length) {
    throw new MetricError(
      `k must be from 1 to the number of scores, ${scores.length}, but is ${k}`,
    );
  }
  return descendingOrder(scores).slice(0, k);
}

/** Selects the maps of the prototypes `top`, in that order, from one image's maps (prototypes × height × width). */
export function selectMaps(maps: HostTensor<"float32">, top: readonly number[]): HostTensor<"float32"> {
  const [prototypes, height, width] = sidesOf(maps, "similarity maps", "prototypes", "height", "width");
  const selected = new Float32Array(top.length * height * width);
  top.forEach((prototype, rank) => {
    if (prototype < 0 || prototype >= prototypes) {
      throw new MetricError(
        `a top prototype is ${prototype}, but there are maps only for prototypes 0 to ${prototypes - 1}`,
      );
    }
    selected.set(sliceOf(maps, prototype).data, rank * height * width);
  });
  return float32([top.length, height, width], selected);
}
