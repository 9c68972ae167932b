/** The vector kernels against the rules that they stand for, pixel by pixel, at sizes that fill no whole vector. */

import { strict as assert } from "node:assert";
import fc from "fast-check";
import { RandomStream } from "../../../lib/tensor/random.ts";
import { type Image, image } from "../../../lib/vision/image.ts";
import { grayLevel } from "../../../lib/vision/color/gray.ts";
import { HSV_BLOCK, hsvOf, rgbOf } from "../../../lib/vision/color/hsv.ts";
import { type AffineMatrix, warpAffine } from "../../../lib/vision/augment/affine.ts";
import { warpToOwnSize } from "../../../lib/vision/augment/perspective.ts";
import type { Border } from "../../../lib/vision/augment/remap.ts";
import { assemble } from "../../../lib/vision/simd/assembler.ts";
import { regions } from "../../../lib/vision/simd/kernels.ts";
import { adjustColor } from "./adjust_color.ts";

function noise(width: number, height: number, seed: number): Image {
  const source = image(width, height, "RGB");
  const random = new RandomStream({ seed, purpose: "noise" });
  for (let i = 0; i < source.data.length; i++) source.data[i] = random.integer(256);
  return source;
}

/** Channel `c` as an image of its own, which is worked on without the kernels for RGB. */
function plane({ width, height, data }: Image, c: number): Image {
  return image(width, height, "GRAY", data.filter((_, i) => i % 3 === c));
}

const side = fc.integer({ min: 1, max: 45 });
const seed = fc.nat(10_000);
const border = fc.constantFrom<Border>("constant", "wrap", "reflect101");
const entry = (spread: number) => fc.double({ min: -spread, max: spread, noNaN: true });

Deno.test("a warped RGB image is its warped planes, for every border and interpolation", () => {
  fc.assert(
    fc.property(side, side, seed, border, fc.array(entry(0.4), { minLength: 4, maxLength: 4 }), entry(200), (
      width,
      height,
      seed,
      border,
      [a, b, c, d],
      shift,
    ) => {
      const source = noise(width, height, seed);
      const matrix: AffineMatrix = [1 + a, b, shift, c, 1 + d, -shift / 2];
      fc.pre(Math.abs((1 + a) * (1 + d) - b * c) > 0.01);
      for (const interpolation of ["linear", "nearest"] as const) {
        const warped = warpAffine(source, matrix, border, interpolation);
        for (let channel = 0; channel < 3; channel++) {
          const expected = warpAffine(plane(source, channel), matrix, border, interpolation);
          assert.deepEqual(plane(warped, channel), expected);
        }
      }
    }),
    { numRuns: 150 },
  );
});

Deno.test("a perspective of an RGB image is that of its planes, also where the horizon crosses it", () => {
  fc.assert(
    fc.property(side, side, side, side, seed, fc.array(entry(1), { minLength: 8, maxLength: 8 }), (
      width,
      height,
      toWidth,
      toHeight,
      seed,
      [a, b, c, d, e, f, g, h],
    ) => {
      const source = noise(width, height, seed);
      const matrix = [1 + a / 4, b / 4, 20 * c, d / 4, 1 + e / 4, 20 * f, g / 20, h / 20, 1];
      for (const interpolation of ["linear", "nearest"] as const) {
        const perspective = { matrix, width: toWidth, height: toHeight };
        const warped = warpToOwnSize(source, perspective, interpolation);
        for (let channel = 0; channel < 3; channel++) {
          const expected = warpToOwnSize(plane(source, channel), perspective, interpolation);
          assert.deepEqual(plane(warped, channel), expected);
        }
      }
    }),
    { numRuns: 100 },
  );
});

Deno.test("hues are turned as by the conversion of single pixels, for every colour of a coarse cube", () => {
  const levels = [0, 1, 2, 3, 7, 30, 64, 100, 127, 128, 129, 180, 200, 252, 253, 254, 255];
  const source = image(HSV_BLOCK + 5, Math.ceil(levels.length ** 3 / (HSV_BLOCK + 5)), "RGB");
  for (let i = 0; i < levels.length ** 3; i++) {
    source.data[3 * i] = levels[i % 17];
    source.data[3 * i + 1] = levels[Math.floor(i / 17) % 17];
    source.data[3 * i + 2] = levels[Math.floor(i / 289)];
  }
  for (const factor of [-0.5, -0.05, -1 / 180, 0.013, 0.025, 0.4999]) {
    const { data } = adjustColor(source, "hue", factor);
    for (let i = 0; i < source.data.length; i += 3) {
      const hsv = hsvOf(source.data[i], source.data[i + 1], source.data[i + 2]);
      const hue = Math.trunc(((((hsv >> 16) + 180 * factor) % 180) + 180) % 180);
      const rounding = (i / 3) % source.width < HSV_BLOCK ? 0 : 0.5;
      const expected = rgbOf(hue, (hsv >> 8) & 255, hsv & 255, rounding);
      assert.equal((data[i] << 16) | (data[i + 1] << 8) | data[i + 2], expected);
    }
  }
});

Deno.test("saturation and contrast follow their formulas", () => {
  fc.assert(
    fc.property(
      side,
      side,
      seed,
      fc.double({ min: 0.01, max: 3, noNaN: true }),
      (width, height, seed, factor) => {
        fc.pre(factor !== 1);
        const source = noise(width, height, seed);
        const grays = Array.from(
          { length: width * height },
          (_, i) => grayLevel(source.data[3 * i], source.data[3 * i + 1], source.data[3 * i + 2]),
        );
        const mean = grays.reduce((sum, gray) => sum + gray, 0) / grays.length;
        const saturated = new Uint8ClampedArray(source.data.length);
        source.data.forEach((level, i) => {
          const gray = Math.fround(grays[Math.floor(i / 3)] * Math.fround(1 - factor));
          saturated[i] = Math.fround(level * Math.fround(factor) + gray);
        });
        const contrasted = source.data.map((level) =>
          Math.min(Math.max(level * factor + mean * (1 - factor), 0), 255)
        );
        assert.deepEqual(adjustColor(source, "saturation", factor).data, new Uint8Array(saturated.buffer));
        assert.deepEqual(adjustColor(source, "contrast", factor).data, contrasted);
      },
    ),
    { numRuns: 80 },
  );
});

Deno.test("a small module is assembled and runs", () => {
  const bytes = assemble(`
    ;; the sum of 0 … n
    (func $sum (param $n i32) (result i32) (local $total i32)
      (loop $next
        (local.set $total (i32.add (local.get $total) (local.get $n)))
        (local.set $n (i32.sub (local.get $n) (i32.const 1)))
        (br_if $next (i32.lt_s (i32.const 0) (local.get $n))))
      (local.get $total))
    (func $least (result i32) (i32.const -2147483648))`);
  const { sum, least } = new WebAssembly.Instance(new WebAssembly.Module(bytes)).exports as Record<
    string,
    (n?: number) => number
  >;
  assert.equal(sum(100), 5050);
  assert.equal(least(), -(2 ** 31));
});

Deno.test("what the assembler does not know is refused by name", () => {
  assert.throws(() => assemble("(func $f (i64.add))"), /i64\.add is not supported/);
  assert.throws(() => assemble("(func $f (local.get $x))"), /no local \$x/);
  assert.throws(() => assemble("(func $f (br_if $l (i32.const 1)))"), /no loop \$l/);
  assert.throws(() => assemble("(func $f"), /never closed/);
  assert.throws(() => assemble(")"), /never opened/);
  assert.throws(() => assemble("(data)"), /expected a func/);
});

Deno.test("regions lie apart and inside the memory, and too much is refused", () => {
  const sizes = [1, 100_000, 0, 17];
  const starts = regions(...sizes);
  for (let i = 1; i < starts.length; i++) assert.ok(starts[i] >= starts[i - 1] + sizes[i - 1] + 32);
  assert.throws(() => regions(2 ** 31), RangeError);
});
