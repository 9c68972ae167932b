/** The inner loops over RGB pixels as vector instructions: each does one row, in integers, the same on every machine. */

import { assemble } from "./assembler.ts";

// Every load may reach up to 16 bytes beyond the last pixel, and every store up to 16 beyond the last of its row.
const SOURCE = `
;; Stretches a row horizontally into 16-bit R, G, B, 0 a pixel. The table has 8 bytes a pixel: where the lower
;; neighbour is, and the weights of both neighbours; the number of pixels is even.
(func $stretch_row (param $source i32) (param $table i32) (param $out i32) (param $end i32)
  (loop $pixels
    (v128.store (local.get $out)
      (i16x8.narrow_i32x4_s
        (i32x4.shr_s
          (i32x4.dot_i16x8_s
            (i8x16.swizzle
              (v128.load64_zero (i32.add (local.get $source) (i32.load (local.get $table))))
              (i8x16.const 0 -1 3 -1 1 -1 4 -1 2 -1 5 -1 -1 -1 -1 -1))
            (i32x4.splat (i32.load offset=4 (local.get $table))))
          (i32.const 4))
        (i32x4.shr_s
          (i32x4.dot_i16x8_s
            (i8x16.swizzle
              (v128.load64_zero (i32.add (local.get $source) (i32.load offset=8 (local.get $table))))
              (i8x16.const 0 -1 3 -1 1 -1 4 -1 2 -1 5 -1 -1 -1 -1 -1))
            (i32x4.splat (i32.load offset=12 (local.get $table))))
          (i32.const 4))))
    (local.set $table (i32.add (local.get $table) (i32.const 16)))
    (local.set $out (i32.add (local.get $out) (i32.const 16)))
    (br_if $pixels (i32.lt_s (local.get $out) (local.get $end)))))

;; Blends two rows of $stretch_row into bytes: four pixels a turn, written as 12 bytes.
(func $blend_rows (param $first i32) (param $second i32) (param $b0 i32) (param $b1 i32) (param $out i32)
                  (param $end i32) (local $w0 v128) (local $w1 v128) (local $two v128)
  (local.set $w0 (i16x8.splat (local.get $b0)))
  (local.set $w1 (i16x8.splat (local.get $b1)))
  (local.set $two (i32x4.splat (i32.const 2)))
  (loop $pixels
    (v128.store (local.get $out)
      (i8x16.shuffle 0 1 2 4 5 6 8 9 10 12 13 14 0 0 0 0
        (i8x16.narrow_i16x8_u
          (i16x8.narrow_i32x4_s
            (i32x4.shr_s (i32x4.add (local.get $two) (i32x4.add
              (i32x4.shr_s (i32x4.extmul_low_i16x8_s (v128.load (local.get $first)) (local.get $w0)) (i32.const 16))
              (i32x4.shr_s (i32x4.extmul_low_i16x8_s (v128.load (local.get $second)) (local.get $w1)) (i32.const 16))))
              (i32.const 2))
            (i32x4.shr_s (i32x4.add (local.get $two) (i32x4.add
              (i32x4.shr_s (i32x4.extmul_high_i16x8_s (v128.load (local.get $first)) (local.get $w0)) (i32.const 16))
              (i32x4.shr_s (i32x4.extmul_high_i16x8_s (v128.load (local.get $second)) (local.get $w1)) (i32.const 16))))
              (i32.const 2)))
          (i16x8.narrow_i32x4_s
            (i32x4.shr_s (i32x4.add (local.get $two) (i32x4.add
              (i32x4.shr_s (i32x4.extmul_low_i16x8_s (v128.load offset=16 (local.get $first)) (local.get $w0)) (i32.const 16))
              (i32x4.shr_s (i32x4.extmul_low_i16x8_s (v128.load offset=16 (local.get $second)) (local.get $w1)) (i32.const 16))))
              (i32.const 2))
            (i32x4.shr_s (i32x4.add (local.get $two) (i32x4.add
              (i32x4.shr_s (i32x4.extmul_high_i16x8_s (v128.load offset=16 (local.get $first)) (local.get $w0)) (i32.const 16))
              (i32x4.shr_s (i32x4.extmul_high_i16x8_s (v128.load offset=16 (local.get $second)) (local.get $w1)) (i32.const 16))))
              (i32.const 2))))
        (i8x16.const 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0)))
    (local.set $first (i32.add (local.get $first) (i32.const 32)))
    (local.set $second (i32.add (local.get $second) (i32.const 32)))
    (local.set $out (i32.add (local.get $out) (i32.const 12)))
    (br_if $pixels (i32.lt_s (local.get $out) (local.get $end)))))

;; Bilinear samples at the coordinates $xs, $ys, in 1/32 pixel from the pixel at $source.
(func $sample_row (param $source i32) (param $stride i32) (param $xs i32) (param $ys i32) (param $out i32)
                  (param $end i32) (local $x i32) (local $y i32) (local $at i32) (local $pair i32)
  (loop $pixels
    (local.set $x (i32.load (local.get $xs)))
    (local.set $y (i32.load (local.get $ys)))
    (local.set $at (i32.add (local.get $source) (i32.add
      (i32.mul (i32.shr_s (local.get $y) (i32.const 5)) (local.get $stride))
      (i32.mul (i32.shr_s (local.get $x) (i32.const 5)) (i32.const 3)))))
    (local.set $x (i32.and (local.get $x) (i32.const 31)))
    (local.set $y (i32.and (local.get $y) (i32.const 31)))
    ;; Both horizontal weights as 16-bit halves of one number, so that one product makes a pair of weights.
    (local.set $pair (i32.or (i32.sub (i32.const 32) (local.get $x)) (i32.shl (local.get $x) (i32.const 16))))
    (v128.store32_lane (local.get $out)
      (i8x16.swizzle
        (i32x4.shr_s
          (i32x4.add (i32x4.splat (i32.const 512)) (i32x4.add
            (i32x4.dot_i16x8_s
              (i8x16.swizzle (v128.load64_zero (local.get $at))
                (i8x16.const 0 -1 3 -1 1 -1 4 -1 2 -1 5 -1 -1 -1 -1 -1))
              (i32x4.splat (i32.mul (local.get $pair) (i32.sub (i32.const 32) (local.get $y)))))
            (i32x4.dot_i16x8_s
              (i8x16.swizzle (v128.load64_zero (i32.add (local.get $at) (local.get $stride)))
                (i8x16.const 0 -1 3 -1 1 -1 4 -1 2 -1 5 -1 -1 -1 -1 -1))
              (i32x4.splat (i32.mul (local.get $pair) (local.get $y))))))
          (i32.const 10))
        (i8x16.const 0 4 8 -1 -1 -1 -1 -1 -1 -1 -1 -1 -1 -1 -1 -1)))
    (local.set $xs (i32.add (local.get $xs) (i32.const 4)))
    (local.set $ys (i32.add (local.get $ys) (i32.const 4)))
    (local.set $out (i32.add (local.get $out) (i32.const 3)))
    (br_if $pixels (i32.lt_s (local.get $out) (local.get $end)))))

;; Weighted sums of consecutive pixels of a row. The table has 8 bytes a pixel: where its first source pixel is,
;; and behind which one it ends; its weights begin at $weights, $step bytes a pixel.
(func $filter_row (param $source i32) (param $table i32) (param $weights i32) (param $step i32) (param $out i32)
                  (param $end i32) (local $at i32) (local $last i32) (local $weight i32) (local $sum v128)
  (loop $pixels
    (local.set $at (i32.add (local.get $source) (i32.load (local.get $table))))
    (local.set $last (i32.add (local.get $source) (i32.load offset=4 (local.get $table))))
    (local.set $weight (local.get $weights))
    (local.set $sum (i32x4.splat (i32.const 2097152)))
    (loop $taps
      (local.set $sum (i32x4.add (local.get $sum) (i32x4.mul
        (i32x4.extend_low_i16x8_u (i16x8.extend_low_i8x16_u (v128.load32_zero (local.get $at))))
        (i32x4.splat (i32.load (local.get $weight))))))
      (local.set $at (i32.add (local.get $at) (i32.const 3)))
      (local.set $weight (i32.add (local.get $weight) (i32.const 4)))
      (br_if $taps (i32.lt_s (local.get $at) (local.get $last))))
    (local.set $sum (i32x4.shr_s (local.get $sum) (i32.const 22)))
    (local.set $sum (i16x8.narrow_i32x4_s (local.get $sum) (local.get $sum)))
    (v128.store32_lane (local.get $out) (i8x16.narrow_i16x8_u (local.get $sum) (local.get $sum)))
    (local.set $table (i32.add (local.get $table) (i32.const 8)))
    (local.set $weights (i32.add (local.get $weights) (local.get $step)))
    (local.set $out (i32.add (local.get $out) (i32.const 3)))
    (br_if $pixels (i32.lt_s (local.get $out) (local.get $end)))))

;; Weighted sums of $taps rows of bytes, $stride apart: 16 bytes a turn.
(func $filter_column (param $source i32) (param $stride i32) (param $weights i32) (param $taps i32) (param $out i32)
                     (param $end i32) (local $at i32) (local $weight i32) (local $last i32) (local $bytes v128)
                     (local $w v128) (local $half v128) (local $a v128) (local $b v128) (local $c v128) (local $d v128)
  (local.set $last (i32.add (local.get $weights) (i32.shl (local.get $taps) (i32.const 2))))
  (loop $blocks
    (local.set $at (local.get $source))
    (local.set $weight (local.get $weights))
    (local.set $a (i32x4.splat (i32.const 2097152)))
    (local.set $b (local.get $a))
    (local.set $c (local.get $a))
    (local.set $d (local.get $a))
    (loop $rows
      (local.set $bytes (v128.load (local.get $at)))
      (local.set $w (i32x4.splat (i32.load (local.get $weight))))
      (local.set $half (i16x8.extend_low_i8x16_u (local.get $bytes)))
      (local.set $a (i32x4.add (local.get $a) (i32x4.mul (i32x4.extend_low_i16x8_u (local.get $half)) (local.get $w))))
      (local.set $b (i32x4.add (local.get $b) (i32x4.mul (i32x4.extend_high_i16x8_u (local.get $half)) (local.get $w))))
      (local.set $half (i16x8.extend_high_i8x16_u (local.get $bytes)))
      (local.set $c (i32x4.add (local.get $c) (i32x4.mul (i32x4.extend_low_i16x8_u (local.get $half)) (local.get $w))))
      (local.set $d (i32x4.add (local.get $d) (i32x4.mul (i32x4.extend_high_i16x8_u (local.get $half)) (local.get $w))))
      (local.set $at (i32.add (local.get $at) (local.get $stride)))
      (local.set $weight (i32.add (local.get $weight) (i32.const 4)))
      (br_if $rows (i32.lt_s (local.get $weight) (local.get $last))))
    (v128.store (local.get $out)
      (i8x16.narrow_i16x8_u
        (i16x8.narrow_i32x4_s (i32x4.shr_s (local.get $a) (i32.const 22)) (i32x4.shr_s (local.get $b) (i32.const 22)))
        (i16x8.narrow_i32x4_s (i32x4.shr_s (local.get $c) (i32.const 22)) (i32x4.shr_s (local.get $d) (i32.const 22)))))
    (local.set $source (i32.add (local.get $source) (i32.const 16)))
    (local.set $out (i32.add (local.get $out) (i32.const 16)))
    (br_if $blocks (i32.lt_s (local.get $out) (local.get $end)))))
`;

/** All arguments are addresses and numbers of bytes, unless the kernel says otherwise. */
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
    taps: number,
    out: number,
    end: number,
  ): void;
}

export const kernels = new WebAssembly.Instance(new WebAssembly.Module(assemble(SOURCE)))
  .exports as unknown as Kernels;

const PAGE = 65536;

/**
 * The addresses of regions of the given sizes, one after the other, each with 32 spare bytes behind it. What was
 * there before is given up: a caller takes all that it needs at once and copies its results out before it returns.
 */
export function regions(...sizes: readonly number[]): number[] {
  let end = 0;
  const starts = sizes.map((size) => {
    const start = end;
    end += (size + 47) & ~15;
    return start;
  });
  const missing = end - kernels.memory.buffer.byteLength;
  if (missing > 0) kernels.memory.grow(Math.ceil(missing / PAGE));
  return starts;
}
