/** Sparse storage of maps: the non-zero pixels as gaps between them and values. */

import { clipMap, percentileMask } from "../metrics/masks/percentile_mask.ts";
import { float32, type HostTensor, hostTensor } from "../tensor/host_tensor.ts";

/**
 * Reduces a map to the values that are needed to reproduce its percentile mask, and the map inside the mask,
 * exactly. Outside the mask the map is set to 0, if this does not change the percentile mask (true if the
 * threshold is above 0); otherwise the whole map is returned.
 *
 * @param percentile 0 … 100
 */
export function essentialMap(map: Float32Array, percentile: number): Float32Array {
  const { mask } = percentileMask(map, percentile, "all");
  const clipped = clipMap(map, mask);
  const again = percentileMask(clipped, percentile, "all").mask;
  return mask.every((value, i) => value === again[i]) ? clipped : map;
}

/** The non-zero elements of maps [count, height, width], in row-major order. */
export interface SparseMaps {
  /** int32 [count]: the number of non-zero elements of each map */
  readonly counts: HostTensor<"int32">;
  /**
   * int32: the distance of each element from the one before it; for the first element of a map, from index −1
   */
  readonly gaps: HostTensor<"int32">;
  /** float32: the values of the elements */
  readonly values: HostTensor<"float32">;
}

/** @param maps [count, height, width] */
export function sparseMaps({ shape: [count, height, width], data }: HostTensor<"float32">): SparseMaps {
  const counts = new Int32Array(count);
  const gaps: number[] = [];
  const values: number[] = [];
  for (let map = 0; map < count; map++) {
    let before = -1;
    for (let i = 0; i < height * width; i++) {
      const value = data[map * height * width + i];
      if (value === 0) continue;
      gaps.push(i - before);
      values.push(value);
      before = i;
    }
    counts[map] = values.length - counts.subarray(0, map).reduce((a, b) => a + b, 0);
  }
  return {
    counts: hostTensor("int32", [count], counts),
    gaps: hostTensor("int32", [gaps.length], Int32Array.from(gaps)),
    values: float32([values.length], values),
  };
}

/**
 * The inverse of {@link sparseMaps}: maps [count, height, width].
 *
 * @throws {RangeError} if counts, gaps, values and the size are inconsistent.
 */
export function denseMaps(
  { counts, gaps, values }: SparseMaps,
  height: number,
  width: number,
): HostTensor<"float32"> {
  const count = counts.data.length;
  const total = counts.data.reduce((a, b) => a + b, 0);
  if (gaps.data.length !== total || values.data.length !== total) {
    throw new RangeError(
      `the counts add up to ${total} elements, but there are ${gaps.data.length} gaps and ${values.data.length} values`,
    );
  }
  const dense = new Float32Array(count * height * width);
  let next = 0;
  for (let map = 0; map < count; map++) {
    let at = -1;
    for (const end = next + counts.data[map]; next < end; next++) {
      at += gaps.data[next];
      if (!(gaps.data[next] > 0 && at < height * width)) {
        throw new RangeError(`an element lies outside its map of ${width} × ${height}`);
      }
      dense[map * height * width + at] = values.data[next];
    }
  }
  return float32([count, height, width], dense);
}
