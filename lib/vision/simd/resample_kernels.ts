/** Resizes and warps of RGB rows, in the WebAssembly text format. */

export const RESAMPLE_KERNELS = `
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
              (v128.const i8x16 0 -1 3 -1 1 -1 4 -1 2 -1 5 -1 -1 -1 -1 -1))
            (i32x4.splat (i32.load offset=4 (local.get $table))))
          (i32.const 4))
        (i32x4.shr_s
          (i32x4.dot_i16x8_s
            (i8x16.swizzle
              (v128.load64_zero (i32.add (local.get $source) (i32.load offset=8 (local.get $table))))
              (v128.const i8x16 0 -1 3 -1 1 -1 4 -1 2 -1 5 -1 -1 -1 -1 -1))
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
        (v128.const i8x16 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0)))
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
    (v128.store32_lane 0 (local.get $out)
      (i8x16.swizzle
        (i32x4.shr_s
          (i32x4.add (i32x4.splat (i32.const 512)) (i32x4.add
            (i32x4.dot_i16x8_s
              (i8x16.swizzle (v128.load64_zero (local.get $at))
                (v128.const i8x16 0 -1 3 -1 1 -1 4 -1 2 -1 5 -1 -1 -1 -1 -1))
              (i32x4.splat (i32.mul (local.get $pair) (i32.sub (i32.const 32) (local.get $y)))))
            (i32x4.dot_i16x8_s
              (i8x16.swizzle (v128.load64_zero (i32.add (local.get $at) (local.get $stride)))
                (v128.const i8x16 0 -1 3 -1 1 -1 4 -1 2 -1 5 -1 -1 -1 -1 -1))
              (i32x4.splat (i32.mul (local.get $pair) (local.get $y))))))
          (i32.const 10))
        (v128.const i8x16 0 4 8 -1 -1 -1 -1 -1 -1 -1 -1 -1 -1 -1 -1 -1)))
    (local.set $xs (i32.add (local.get $xs) (i32.const 4)))
    (local.set $ys (i32.add (local.get $ys) (i32.const 4)))
    (local.set $out (i32.add (local.get $out) (i32.const 3)))
    (br_if $pixels (i32.lt_s (local.get $out) (local.get $end)))))

;; Weighted sums of consecutive pixels of a row. The table has 8 bytes a pixel: where its first source pixel is,
;; and where the first one behind them is. The weights, $step bytes a pixel, come in pairs for two source pixels:
;; their upper halves, of 2048 units, then their lower ones; so every product fits the 16-bit instruction.
(func $filter_row (param $source i32) (param $table i32) (param $weights i32) (param $step i32) (param $out i32)
                  (param $end i32) (local $at i32) (local $last i32) (local $weight i32) (local $pair v128)
                  (local $high v128) (local $low v128)
  (loop $pixels
    (local.set $at (i32.add (local.get $source) (i32.load (local.get $table))))
    (local.set $last (i32.add (local.get $source) (i32.load offset=4 (local.get $table))))
    (local.set $weight (local.get $weights))
    (local.set $high (i32x4.splat (i32.const 0)))
    (local.set $low (i32x4.splat (i32.const 2097152)))
    (loop $taps
      (local.set $pair (i8x16.swizzle (v128.load64_zero (local.get $at))
        (v128.const i8x16 0 -1 3 -1 1 -1 4 -1 2 -1 5 -1 -1 -1 -1 -1)))
      (local.set $high (i32x4.add (local.get $high)
        (i32x4.dot_i16x8_s (local.get $pair) (v128.load32_splat (local.get $weight)))))
      (local.set $low (i32x4.add (local.get $low)
        (i32x4.dot_i16x8_s (local.get $pair) (v128.load32_splat offset=4 (local.get $weight)))))
      (local.set $at (i32.add (local.get $at) (i32.const 6)))
      (local.set $weight (i32.add (local.get $weight) (i32.const 8)))
      (br_if $taps (i32.lt_s (local.get $at) (local.get $last))))
    (local.set $low (i32x4.shr_s
      (i32x4.add (local.get $low) (i32x4.shl (local.get $high) (i32.const 11))) (i32.const 22)))
    (local.set $low (i16x8.narrow_i32x4_s (local.get $low) (local.get $low)))
    (v128.store32_lane 0 (local.get $out) (i8x16.narrow_i16x8_u (local.get $low) (local.get $low)))
    (local.set $table (i32.add (local.get $table) (i32.const 8)))
    (local.set $weights (i32.add (local.get $weights) (local.get $step)))
    (local.set $out (i32.add (local.get $out) (i32.const 3)))
    (br_if $pixels (i32.lt_s (local.get $out) (local.get $end)))))

;; Weighted sums of rows of bytes, $stride apart, for the weights from $weights to $last, in pairs as above: 16 bytes
;; a turn.
(func $filter_column (param $source i32) (param $stride i32) (param $weights i32) (param $last i32) (param $out i32)
                     (param $end i32) (local $at i32) (local $weight i32) (local $upper v128) (local $lower v128)
                     (local $mixed v128) (local $pairs v128) (local $h v128) (local $l v128)
                     (local $h0 v128) (local $h1 v128) (local $h2 v128) (local $h3 v128)
                     (local $l0 v128) (local $l1 v128) (local $l2 v128) (local $l3 v128)
  (loop $blocks
    (local.set $at (local.get $source))
    (local.set $weight (local.get $weights))
    (local.set $h0 (i32x4.splat (i32.const 0)))
    (local.set $h1 (local.get $h0))
    (local.set $h2 (local.get $h0))
    (local.set $h3 (local.get $h0))
    (local.set $l0 (i32x4.splat (i32.const 2097152)))
    (local.set $l1 (local.get $l0))
    (local.set $l2 (local.get $l0))
    (local.set $l3 (local.get $l0))
    (loop $rows
      (local.set $upper (v128.load (local.get $at)))
      (local.set $lower (v128.load (i32.add (local.get $at) (local.get $stride))))
      (local.set $h (v128.load32_splat (local.get $weight)))
      (local.set $l (v128.load32_splat offset=4 (local.get $weight)))
      (local.set $mixed (i8x16.shuffle 0 16 1 17 2 18 3 19 4 20 5 21 6 22 7 23 (local.get $upper) (local.get $lower)))
      (local.set $pairs (i16x8.extend_low_i8x16_u (local.get $mixed)))
      (local.set $h0 (i32x4.add (local.get $h0) (i32x4.dot_i16x8_s (local.get $pairs) (local.get $h))))
      (local.set $l0 (i32x4.add (local.get $l0) (i32x4.dot_i16x8_s (local.get $pairs) (local.get $l))))
      (local.set $pairs (i16x8.extend_high_i8x16_u (local.get $mixed)))
      (local.set $h1 (i32x4.add (local.get $h1) (i32x4.dot_i16x8_s (local.get $pairs) (local.get $h))))
      (local.set $l1 (i32x4.add (local.get $l1) (i32x4.dot_i16x8_s (local.get $pairs) (local.get $l))))
      (local.set $mixed
        (i8x16.shuffle 8 24 9 25 10 26 11 27 12 28 13 29 14 30 15 31 (local.get $upper) (local.get $lower)))
      (local.set $pairs (i16x8.extend_low_i8x16_u (local.get $mixed)))
      (local.set $h2 (i32x4.add (local.get $h2) (i32x4.dot_i16x8_s (local.get $pairs) (local.get $h))))
      (local.set $l2 (i32x4.add (local.get $l2) (i32x4.dot_i16x8_s (local.get $pairs) (local.get $l))))
      (local.set $pairs (i16x8.extend_high_i8x16_u (local.get $mixed)))
      (local.set $h3 (i32x4.add (local.get $h3) (i32x4.dot_i16x8_s (local.get $pairs) (local.get $h))))
      (local.set $l3 (i32x4.add (local.get $l3) (i32x4.dot_i16x8_s (local.get $pairs) (local.get $l))))
      (local.set $at (i32.add (local.get $at) (i32.shl (local.get $stride) (i32.const 1))))
      (local.set $weight (i32.add (local.get $weight) (i32.const 8)))
      (br_if $rows (i32.lt_s (local.get $weight) (local.get $last))))
    (v128.store (local.get $out)
      (i8x16.narrow_i16x8_u
        (i16x8.narrow_i32x4_s
          (i32x4.shr_s (i32x4.add (local.get $l0) (i32x4.shl (local.get $h0) (i32.const 11))) (i32.const 22))
          (i32x4.shr_s (i32x4.add (local.get $l1) (i32x4.shl (local.get $h1) (i32.const 11))) (i32.const 22)))
        (i16x8.narrow_i32x4_s
          (i32x4.shr_s (i32x4.add (local.get $l2) (i32x4.shl (local.get $h2) (i32.const 11))) (i32.const 22))
          (i32x4.shr_s (i32x4.add (local.get $l3) (i32x4.shl (local.get $h3) (i32.const 11))) (i32.const 22)))))
    (local.set $source (i32.add (local.get $source) (i32.const 16)))
    (local.set $out (i32.add (local.get $out) (i32.const 16)))
    (br_if $blocks (i32.lt_s (local.get $out) (local.get $end)))))

;; The coordinates of a row under an affine map, in 2^-$shift of the units of $rowx and $rowy, two pixels a turn:
;; ($rowx + round($a · x)) >> $shift and the same with $rowy and $c.
(func $affine_row (param $xs i32) (param $ys i32) (param $end i32) (param $a f64) (param $c f64) (param $rowx i32)
                  (param $rowy i32) (param $shift i32) (local $x v128)
  (local.set $x (v128.const i8x16 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0xf0 0x3f))
  (loop $pixels
    (v128.store64_lane 0 (local.get $xs) (i32x4.shr_s
      (i32x4.add (i32x4.splat (local.get $rowx)) (i32x4.trunc_sat_f64x2_s_zero (f64x2.nearest
        (f64x2.mul (f64x2.splat (local.get $a)) (local.get $x)))))
      (local.get $shift)))
    (v128.store64_lane 0 (local.get $ys) (i32x4.shr_s
      (i32x4.add (i32x4.splat (local.get $rowy)) (i32x4.trunc_sat_f64x2_s_zero (f64x2.nearest
        (f64x2.mul (f64x2.splat (local.get $c)) (local.get $x)))))
      (local.get $shift)))
    (local.set $x (f64x2.add (local.get $x) (f64x2.splat (f64.const 2))))
    (local.set $xs (i32.add (local.get $xs) (i32.const 8)))
    (local.set $ys (i32.add (local.get $ys) (i32.const 8)))
    (br_if $pixels (i32.lt_s (local.get $xs) (local.get $end)))))

;; The coordinates of a row under a perspective map: round(($a · x + $rowx) · $unit / ($g · x + $roww)) and the same
;; with $d and $rowy; 0 where the divisor is 0.
(func $perspective_row (param $xs i32) (param $ys i32) (param $end i32) (param $a f64) (param $d f64) (param $g f64)
                       (param $rowx f64) (param $rowy f64) (param $roww f64) (param $unit f64)
                       (local $x v128) (local $w v128) (local $scale v128)
  (local.set $x (v128.const i8x16 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0xf0 0x3f))
  (loop $pixels
    (local.set $w (f64x2.add (f64x2.mul (f64x2.splat (local.get $g)) (local.get $x)) (f64x2.splat (local.get $roww))))
    (local.set $scale (v128.and
      (f64x2.div (f64x2.splat (local.get $unit)) (local.get $w))
      (f64x2.ne (local.get $w) (f64x2.splat (f64.const 0)))))
    (v128.store64_lane 0 (local.get $xs) (i32x4.trunc_sat_f64x2_s_zero (f64x2.nearest (f64x2.mul (local.get $scale)
      (f64x2.add (f64x2.mul (f64x2.splat (local.get $a)) (local.get $x)) (f64x2.splat (local.get $rowx)))))))
    (v128.store64_lane 0 (local.get $ys) (i32x4.trunc_sat_f64x2_s_zero (f64x2.nearest (f64x2.mul (local.get $scale)
      (f64x2.add (f64x2.mul (f64x2.splat (local.get $d)) (local.get $x)) (f64x2.splat (local.get $rowy)))))))
    (local.set $x (f64x2.add (local.get $x) (f64x2.splat (f64.const 2))))
    (local.set $xs (i32.add (local.get $xs) (i32.const 8)))
    (local.set $ys (i32.add (local.get $ys) (i32.const 8)))
    (br_if $pixels (i32.lt_s (local.get $xs) (local.get $end)))))

;; Coordinates clamped to $low … $high.
(func $clamp (param $at i32) (param $end i32) (param $low i32) (param $high i32)
  (loop $lanes
    (v128.store (local.get $at) (i32x4.max_s (i32x4.splat (local.get $low))
      (i32x4.min_s (i32x4.splat (local.get $high)) (v128.load (local.get $at)))))
    (local.set $at (i32.add (local.get $at) (i32.const 16)))
    (br_if $lanes (i32.lt_s (local.get $at) (local.get $end)))))

;; Coordinates below 0 or from $size on moved by one $size towards 0 … $size; whether any is still outside.
(func $wrap (param $at i32) (param $end i32) (param $size i32) (result i32) (local $lanes v128) (local $outside v128)
  (loop $quads
    (local.set $lanes (v128.load (local.get $at)))
    (local.set $lanes (i32x4.add (local.get $lanes)
      (v128.and (i32x4.splat (local.get $size)) (i32x4.shr_s (local.get $lanes) (i32.const 31)))))
    (local.set $lanes (i32x4.sub (local.get $lanes) (v128.and (i32x4.splat (local.get $size))
      (i32x4.gt_s (local.get $lanes) (i32x4.splat (i32.sub (local.get $size) (i32.const 1)))))))
    (v128.store (local.get $at) (local.get $lanes))
    (local.set $outside (v128.or (local.get $outside) (v128.or
      (i32x4.shr_s (local.get $lanes) (i32.const 31))
      (i32x4.gt_s (local.get $lanes) (i32x4.splat (i32.sub (local.get $size) (i32.const 1)))))))
    (local.set $at (i32.add (local.get $at) (i32.const 16)))
    (br_if $quads (i32.lt_s (local.get $at) (local.get $end))))
  (v128.any_true (local.get $outside)))
`;
