/** Maps of which few pixels matter, as gaps between these pixels and their values. */

import { clipMap, percentileMask } from "../metrics/masks/percentile_mask.ts";
import { float32, type HostTensor, hostTensor } from "../tensor/host_tensor.ts";

/**
 * What of a map must be kept so that its percentile mask, and the map under the mask, are found again exactly: the map under
 * the mask, if the percentile finds the same mask in it (as it does where the threshold is above 0), else the whole map.
 *
 * @param percentile 0 … 100
 */
export function essentialMap(map: Float32Array, percentile: number): Float32Array {
  const { mask } = percentileMask(map, percentile, "all");
  const clipped = clipMap(map, mask);
  const again = percentileMask(clipped, percentile, "all").mask;
  return mask.every((value, i) => value === again[i]) ? clipped : map;
}

/** Maps [count, height, width] by what of them is not 0, one after the other, each row by row. */
export interface SparseMaps {
  /** int32 [count]: how many elements of each map are not 0 */
  readonly counts: HostTensor<"int32">;
  /** int32: how far each of them is behind the one before it; the first of a map, behind the place before its start */
  readonly gaps: HostTensor<"int32">;
  /** float32: their values */
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
 * The maps [count, height, width] that {@link sparseMaps} was given.
 *
 * @throws {RangeError} when counts, gaps and values do not fit each other or the size.
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
      `${total} elements are counted, but there are ${gaps.data.length} gaps and ${values.data.length} values`,
    );
  }
  const dense = new Float32Array(count * height * width);
  let next = 0;
  for (let map = 0; map < count; map++) {
    let at = -1;
    for (const end = next + counts.data[map]; next < end; next++) {
      at += gaps.data[next];
      if (!(gaps.data[next] > 0 && at < height * width)) {
        throw new RangeError(`an element lies outside of a map of ${width} × ${height}`);
      }
      dense[map * height * width + at] = values.data[next];
    }
  }
  return float32([count, height, width], dense);
}
