/** The inner loops over RGB pixels as vector instructions, which give the same bits on every machine. */

import { assemble } from "./assembler.ts";
import { COLOR_KERNELS } from "./color_kernels.ts";
import { RESAMPLE_KERNELS } from "./resample_kernels.ts";

/**
 * All arguments are addresses and numbers of bytes, unless the kernel's own text says otherwise. A kernel may read
 * and write up to 16 bytes beyond the last pixel of its input and output.
 */
interface Kernels {
  readonly memory: WebAssembly.Memory;
  stretch_row(source: number, table: number, out: number, end: number): void;
  blend_rows(first: number, second: number, b0: number, b1: number, out: number, end: number): void;
  sample_row(source: number, stride: number, xs: number, ys: number, out: number, end: number): void;
  filter_row(source: number, table: number, weights: number, step: number, out: number, end: number): void;
  filter_column(
    source: number,
    stride: number,
    weights: number,
    last: number,
    out: number,
    end: number,
  ): void;
  affine_row(
    xs: number,
    ys: number,
    end: number,
    a: number,
    c: number,
    rowX: number,
    rowY: number,
    shift: number,
  ): void;
  perspective_row(
    xs: number,
    ys: number,
    end: number,
    a: number,
    d: number,
    g: number,
    rowX: number,
    rowY: number,
    rowW: number,
    unit: number,
  ): void;
  clamp(at: number, end: number, low: number, high: number): void;
  /** 1 where a coordinate is still outside, else 0. */
  wrap(at: number, end: number, size: number): number;
  apply_table(input: number, out: number, end: number, table: number): void;
  sum_gray(input: number, end: number): number;
  saturate(input: number, out: number, end: number, factor: number, rest: number): void;
  turn_hue(input: number, out: number, end: number, turn: number): void;
}

/** The compiled kernels. Arguments are byte addresses in their common memory, from {@link regions}. */
export const kernels = new WebAssembly.Instance(
  new WebAssembly.Module(assemble(RESAMPLE_KERNELS + COLOR_KERNELS)),
).exports as unknown as Kernels;

const PAGE = 65536;

/**
 * Allocates consecutive regions of the given sizes, each followed by 32 spare bytes, and returns their addresses.
 * Earlier regions become invalid: a caller allocates all it needs at once and copies its results before it returns.
 *
 * @throws {RangeError} when they take more than 2³¹ bytes, which the kernels' signed addresses can't reach.
 */
export function regions(...sizes: readonly number[]): number[] {
  let end = 0;
  const starts = sizes.map((size) => {
    const start = end;
    end += Math.ceil((size + 32) / 16) * 16;
    return start;
  });
  if (end >= 2 ** 31) {
    throw new RangeError(`an image operation needs ${end} bytes at once; at most 2^31 are allowed`);
  }
  const missing = end - kernels.memory.buffer.byteLength;
  if (missing > 0) kernels.memory.grow(Math.ceil(missing / PAGE));
  return starts;
}
