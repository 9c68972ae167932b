/** Colour operations on runs of RGB pixels, four at a time, in the WebAssembly text format. */

/** The levels of one channel (0 … 2) of $pixels, as 32-bit integers; `pixels` says which go into the lanes. */
function channel(c: number, pixels: readonly number[] = [0, 1, 2, 3]): string {
  const lanes = pixels.map((pixel) => `${3 * pixel + c} -1 -1 -1`).join(" ");
  return `(i8x16.swizzle (local.get $pixels) (v128.const i8x16 ${lanes}))`;
}

/** The grey levels of $pixels: (9798 R + 19235 G + 3735 B + 2¹⁴) >> 15. */
const GRAY = `(i32x4.shr_s
  (i32x4.add
    (i32x4.dot_i16x8_s
      (i8x16.swizzle (local.get $pixels) (v128.const i8x16 0 -1 1 -1 3 -1 4 -1 6 -1 7 -1 9 -1 10 -1))
      (i32x4.splat (i32.const ${9798 | (19235 << 16)})))
    (i32x4.add
      (i32x4.dot_i16x8_s
        (i8x16.swizzle (local.get $pixels) (v128.const i8x16 2 -1 -1 -1 5 -1 -1 -1 8 -1 -1 -1 11 -1 -1 -1))
        (i32x4.splat (i32.const 3735)))
      (i32x4.splat (i32.const 16384))))
  (i32.const 15))`;

/** $red, $green and $blue (32-bit integers 0 … 255) written as 12 bytes, and the addresses moved on. */
const STORE_AND_ADVANCE = `
    (v128.store (local.get $out)
      (i8x16.swizzle
        (v128.or (local.get $red) (v128.or
          (i32x4.shl (local.get $green) (i32.const 8)) (i32x4.shl (local.get $blue) (i32.const 16))))
        (v128.const i8x16 0 1 2 4 5 6 8 9 10 12 13 14 -1 -1 -1 -1)))
    (local.set $in (i32.add (local.get $in) (i32.const 12)))
    (local.set $out (i32.add (local.get $out) (i32.const 12)))
    (br_if $loop (i32.lt_s (local.get $out) (local.get $end)))`;

/** The upper two of four lanes, moved to where the widening instructions read. */
function upper(vector: string): string {
  return `(i8x16.shuffle 8 9 10 11 12 13 14 15 8 9 10 11 12 13 14 15 ${vector} ${vector})`;
}

/** Two float64 vectors rounded to one of float32. */
function demote(low: string, high: string): string {
  return `(i8x16.shuffle 0 1 2 3 4 5 6 7 16 17 18 19 20 21 22 23
    (f32x4.demote_f64x2_zero ${low}) (f32x4.demote_f64x2_zero ${high}))`;
}

/** clip(round(level · factor + grey part)): the sum is rounded to float32 once, as a fused multiply-add does. */
function blend(c: number): string {
  const sum = (pixels: readonly number[], gray: string) =>
    `(f64x2.add (local.get ${gray})
      (f64x2.mul (f64x2.convert_low_i32x4_s ${channel(c, pixels)}) (local.get $own)))`;
  return `(i32x4.max_s (i32x4.splat (i32.const 0)) (i32x4.min_s (i32x4.splat (i32.const 255))
    (i32x4.trunc_sat_f32x4_s (f32x4.nearest ${
    demote(sum([0, 1, 0, 1], "$low"), sum([2, 3, 2, 3], "$high"))
  }))))`;
}

/** The integer nearest to a constant over each lane; a lane of 0 gives a number that is only multiplied by 0. */
function reciprocal(of: number, lanes: string): string {
  return `(i32x4.trunc_sat_f32x4_s (f32x4.nearest
    (f32x4.div (f32x4.splat (f32.const ${of})) (f32x4.convert_i32x4_s ${lanes}))))`;
}

/** (a · b + 2¹¹) >> 12 */
function scaled(a: string, b: string): string {
  return `(i32x4.shr_s (i32x4.add (i32x4.mul ${a} ${b}) (i32x4.splat (i32.const 2048))) (i32.const 12))`;
}

function inSector(n: number): string {
  return `(i32x4.eq (local.get $sector) (i32x4.splat (i32.const ${n})))`;
}

/** $value in the first two sectors, $middle in the next two, $low in the others. */
function pick(values: [number, number], middles: [number, number]): string {
  const either = ([a, b]: [number, number]) => `(v128.or ${inSector(a)} ${inSector(b)})`;
  return `(v128.bitselect (local.get $value)
    (v128.bitselect (local.get $middle) (local.get $low) ${either(middles)}) ${either(values)})`;
}

/** 1 − saturation · share in float64, of the lower or upper two lanes. */
function remainder(half: (vector: string) => string): string {
  return `(f64x2.sub (f64x2.splat (f64.const 1)) (f64x2.mul
    (f64x2.promote_low_f32x4 ${half("(local.get $strength)")}) (f64x2.promote_low_f32x4 ${
    half("(local.get $share)")
  })))`;
}

/** trunc(level · part · 255) with the level in 0 … 1 as $unit */
function levelOf(part: string): string {
  return `(i32x4.trunc_sat_f32x4_s (f32x4.mul (f32x4.mul (local.get $unit) ${part}) (f32x4.splat (f32.const 255))))`;
}

export const COLOR_KERNELS = `
;; Every byte replaced by that of the table.
(func $apply_table (param $in i32) (param $out i32) (param $end i32) (param $table i32)
  (loop $loop
    (i32.store8 (local.get $out) (i32.load8_u (i32.add (local.get $table) (i32.load8_u (local.get $in)))))
    (i32.store8 offset=1 (local.get $out)
      (i32.load8_u (i32.add (local.get $table) (i32.load8_u offset=1 (local.get $in)))))
    (i32.store8 offset=2 (local.get $out)
      (i32.load8_u (i32.add (local.get $table) (i32.load8_u offset=2 (local.get $in)))))
    (local.set $in (i32.add (local.get $in) (i32.const 3)))
    (local.set $out (i32.add (local.get $out) (i32.const 3)))
    (br_if $loop (i32.lt_s (local.get $out) (local.get $end)))))

;; The sum of the grey levels of pixels, of which there are a multiple of four.
(func $sum_gray (param $in i32) (param $end i32) (result i32) (local $pixels v128) (local $sum v128)
  (loop $loop
    (local.set $pixels (v128.load (local.get $in)))
    (local.set $sum (i32x4.add (local.get $sum) ${GRAY}))
    (local.set $in (i32.add (local.get $in) (i32.const 12)))
    (br_if $loop (i32.lt_s (local.get $in) (local.get $end))))
  (local.set $sum (i32x4.add (local.get $sum) ${upper("(local.get $sum)")}))
  (i32.add (i32x4.extract_lane 0 (local.get $sum)) (i32x4.extract_lane 1 (local.get $sum))))

;; Every level times $factor plus the pixel's grey times $rest.
(func $saturate (param $in i32) (param $out i32) (param $end i32) (param $factor f64) (param $rest f32)
                (local $pixels v128) (local $grays v128) (local $own v128) (local $low v128) (local $high v128)
                (local $red v128) (local $green v128) (local $blue v128)
  (local.set $own (f64x2.splat (local.get $factor)))
  (loop $loop
    (local.set $pixels (v128.load (local.get $in)))
    (local.set $grays (f32x4.mul (f32x4.convert_i32x4_s ${GRAY}) (f32x4.splat (local.get $rest))))
    (local.set $low (f64x2.promote_low_f32x4 (local.get $grays)))
    (local.set $high (f64x2.promote_low_f32x4 ${upper("(local.get $grays)")}))
    (local.set $red ${blend(0)})
    (local.set $green ${blend(1)})
    (local.set $blue ${blend(2)})${STORE_AND_ADVANCE}))

;; The hue of every pixel turned on by $turn of 180 steps, in OpenCV's HSV: see hsv.ts for the arithmetic.
(func $turn_hue (param $in i32) (param $out i32) (param $end i32) (param $turn i32)
                (local $pixels v128) (local $red v128) (local $green v128) (local $blue v128) (local $value v128)
                (local $range v128) (local $hue v128) (local $place v128) (local $sector v128) (local $share v128)
                (local $strength v128) (local $unit v128) (local $low v128) (local $middle v128)
  (loop $loop
    (local.set $pixels (v128.load (local.get $in)))
    (local.set $red ${channel(0)})
    (local.set $green ${channel(1)})
    (local.set $blue ${channel(2)})
    (local.set $value (i32x4.max_s (i32x4.max_s (local.get $red) (local.get $green)) (local.get $blue)))
    (local.set $range (i32x4.sub (local.get $value)
      (i32x4.min_s (i32x4.min_s (local.get $red) (local.get $green)) (local.get $blue))))
    (local.set $strength (f32x4.mul (f32x4.splat (f32.const ${1 / 255})) (f32x4.convert_i32x4_s
      ${scaled("(local.get $range)", reciprocal(255 * 4096, "(local.get $value)"))})))
    (local.set $hue (v128.bitselect
      (i32x4.sub (local.get $green) (local.get $blue))
      (v128.bitselect
        (i32x4.add (i32x4.sub (local.get $blue) (local.get $red)) (i32x4.shl (local.get $range) (i32.const 1)))
        (i32x4.add (i32x4.sub (local.get $red) (local.get $green)) (i32x4.shl (local.get $range) (i32.const 2)))
        (i32x4.eq (local.get $value) (local.get $green)))
      (i32x4.eq (local.get $value) (local.get $red))))
    (local.set $hue ${scaled("(local.get $hue)", reciprocal(30 * 4096, "(local.get $range)"))})
    (local.set $hue (i32x4.add (i32x4.splat (local.get $turn)) (i32x4.add (local.get $hue)
      (v128.and (i32x4.splat (i32.const 180)) (i32x4.shr_s (local.get $hue) (i32.const 31))))))
    (local.set $hue (i32x4.sub (local.get $hue)
      (v128.and (i32x4.splat (i32.const 180)) (i32x4.gt_s (local.get $hue) (i32x4.splat (i32.const 179))))))
    (local.set $place (f32x4.mul (f32x4.convert_i32x4_s (local.get $hue)) (f32x4.splat (f32.const ${
  6 / 180
}))))
    (local.set $sector (i32x4.trunc_sat_f32x4_s (local.get $place)))
    (local.set $share (f32x4.sub (local.get $place) (f32x4.convert_i32x4_s (local.get $sector))))
    (local.set $share (v128.bitselect
      (local.get $share)
      (f32x4.sub (f32x4.splat (f32.const 1)) (local.get $share))
      (i32x4.eq (v128.and (local.get $sector) (i32x4.splat (i32.const 1))) (i32x4.splat (i32.const 1)))))
    (local.set $unit (f32x4.mul (f32x4.splat (f32.const ${
  1 / 255
})) (f32x4.convert_i32x4_s (local.get $value))))
    (local.set $low ${levelOf("(f32x4.sub (f32x4.splat (f32.const 1)) (local.get $strength))")})
    (local.set $middle ${levelOf(demote(remainder((vector) => vector), remainder(upper)))})
    (local.set $red ${pick([0, 5], [1, 4])})
    (local.set $green ${pick([1, 2], [0, 3])})
    (local.set $blue ${pick([3, 4], [2, 5])})${STORE_AND_ADVANCE}))
`;
