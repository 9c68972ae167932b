/** PyTorch's `interpolate` of float32 tensors, with `align_corners=False`. */

import { float32, type HostTensor } from "../../tensor/host_tensor.ts";
import { cubicWeights } from "./cubic.ts";
import { checkSizes } from "./size.ts";
import { rememberTables } from "./table_cache.ts";
import { emptyTaps, resample, setClamped, type Taps } from "./taps.ts";

export type InterpolateMode = "nearest" | "bilinear" | "bicubic" | "bilinear-antialias";

/**
 * Planes [C, H, W] stretched to `width` × `height`. Only `bilinear-antialias` widens its filter where a side
 * shrinks; the others take the nearest one, two or four samples.
 *
 * @throws {RangeError} when the tensor is not three-dimensional or a side is not a positive integer.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { float32 } from "../../tensor/host_tensor.ts";
 * import { interpolate } from "./torch.ts";
 *
 * const row = float32([1, 1, 2], [0, 4]);
 * assert.deepEqual([...interpolate(row, 4, 1, "bilinear").data], [0, 1, 3, 4]);
 * ```
 */
export function interpolate(
  planes: HostTensor<"float32">,
  width: number,
  height: number,
  mode: InterpolateMode,
): HostTensor<"float32"> {
  if (planes.shape.length !== 3) {
    throw new RangeError(`expected planes [C, H, W], but the tensor's shape is [${planes.shape}]`);
  }
  const [channels, from, across] = planes.shape;
  checkSizes({ width: across, height: from }, width, height);
  const columns = TABLES[mode](across, width);
  const rows = TABLES[mode](from, height);
  const out = new Float32Array(channels * height * width);
  for (let c = 0; c < channels; c++) {
    const plane = planes.data.subarray(c * from * across, (c + 1) * from * across);
    resample(plane, across, 1, columns, rows, out.subarray(c * height * width, (c + 1) * height * width));
  }
  return float32([channels, height, width], out);
}

/** The samples and weights of {@link interpolate} along one axis of `from` samples stretched to `to`. */
export function interpolationTaps(from: number, to: number, mode: InterpolateMode): Taps {
  return TABLES[mode](from, to);
}

const TABLES: Readonly<Record<InterpolateMode, (from: number, to: number) => Taps>> = {
  nearest: rememberTables((from, to) =>
    fill(from, to, 1, (i, scale) => {
      return { first: Math.min(Math.floor(Math.fround(i * scale)), from - 1), weights: [1] };
    })
  ),
  bilinear: rememberTables((from, to) =>
    fill(from, to, 2, (i, scale) => {
      const position = Math.max(source(i, scale), 0);
      const first = Math.floor(position);
      const upper = Math.fround(position - first);
      return { first, weights: [Math.fround(1 - upper), upper] };
    })
  ),
  bicubic: rememberTables((from, to) =>
    fill(from, to, 4, (i, scale) => {
      const position = source(i, scale);
      const index = Math.floor(position);
      return { first: index - 1, weights: cubicWeights(Math.fround(position - index)) };
    })
  ),
  "bilinear-antialias": rememberTables((from, to) => {
    const widening = Math.max(Math.fround(from / to), 1);
    return fill(from, to, Math.ceil(widening) * 2 + 1, (i, scale) => {
      const center = Math.fround(scale * (i + 0.5));
      const first = Math.max(Math.trunc(center - widening + 0.5), 0);
      const end = Math.min(Math.trunc(center + widening + 0.5), from);
      const raw = Array.from(
        { length: end - first },
        (_, k) => Math.max(0, 1 - Math.abs((k + first + 0.5 - center) / widening)),
      );
      const sum = raw.reduce((a, b) => a + b, 0);
      return { first, weights: raw.map((weight) => weight / sum) };
    });
  }),
};

function source(i: number, scale: number): number {
  return Math.fround(Math.fround(scale * (i + 0.5)) - 0.5);
}

function fill(
  from: number,
  to: number,
  size: number,
  tapsOf: (i: number, scale: number) => { first: number; weights: number[] },
): Taps {
  const taps = emptyTaps(to, size);
  const scale = Math.fround(from / to);
  for (let i = 0; i < to; i++) {
    const { first, weights } = tapsOf(i, scale);
    setClamped(taps, i, from, first, weights);
  }
  return taps;
}
