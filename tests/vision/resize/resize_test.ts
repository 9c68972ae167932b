/** Properties that every resize rule has, and the sizes that none accepts. */

import { strict as assert } from "node:assert";
import fc from "fast-check";
import { float32 } from "../../../lib/tensor/host_tensor.ts";
import { RandomStream } from "../../../lib/tensor/random.ts";
import { type Image, image, imageOfMask, mask } from "../../../lib/vision/image.ts";
import {
  cropResizeLinear,
  resizeLinear,
  resizeNearest,
  resizeRunLengthsLinear,
} from "../../../lib/vision/resize/opencv.ts";
import { encodeRunLengths } from "../../../lib/vision/masks/rle.ts";
import { resizeArea } from "../../../lib/vision/resize/opencv_area.ts";
import { resizeCubicMap } from "../../../lib/vision/resize/opencv_cubic.ts";
import { type PillowFilter, resizePillow } from "../../../lib/vision/resize/pillow.ts";
import { interpolate, type InterpolateMode } from "../../../lib/vision/resize/torch.ts";
import { cropImage } from "../../../lib/data/views/crop_rectangle.ts";

type Resize = (source: Image, width: number, height: number) => Image;

const RESIZES: Readonly<Record<string, Resize>> = {
  resizeLinear,
  resizeNearest,
  resizeArea,
  ...Object.fromEntries(
    (["nearest", "box", "bilinear", "bicubic", "lanczos"] as PillowFilter[]).map((
      filter,
    ): [string, Resize] => [
      `Pillow ${filter}`,
      (source, width, height) => resizePillow(source, width, height, filter),
    ]),
  ),
};

const side = fc.integer({ min: 1, max: 40 });
const channelsAndOrder = fc.constantFrom("RGB" as const, "GRAY" as const, "RGBA" as const);

function noise(width: number, height: number, order: "RGB" | "GRAY" | "RGBA", seed = 0): Image {
  const source = image(width, height, order);
  const random = new RandomStream({ seed, purpose: "noise" });
  for (let i = 0; i < source.data.length; i++) source.data[i] = random.integer(256);
  return source;
}

for (const [name, resize] of Object.entries(RESIZES)) {
  Deno.test(`${name}: an image of the size already stays as it is`, () => {
    const source = noise(13, 7, "RGB");
    assert.deepEqual(resize(source, 13, 7), source);
  });

  Deno.test(`${name}: an image of one colour stays of that colour at any size`, () => {
    fc.assert(
      fc.property(side, side, side, side, channelsAndOrder, fc.nat(255), (w, h, W, H, order, level) => {
        const source = image(w, h, order);
        source.data.fill(level);
        const result = resize(source, W, H);
        assert.deepEqual([result.width, result.height, result.order], [W, H, order]);
        assert.ok(result.data.every((value) => value === level));
      }),
      { numRuns: 60 },
    );
  });

  Deno.test(`${name}: channels do not mix`, () => {
    fc.assert(
      fc.property(side, side, side, side, (w, h, W, H) => {
        const source = noise(w, h, "RGB", w);
        const whole = resize(source, W, H);
        for (let c = 0; c < 3; c++) {
          const plane = image(w, h, "GRAY", source.data.filter((_, i) => i % 3 === c));
          assert.deepEqual(resize(plane, W, H).data, whole.data.filter((_, i) => i % 3 === c));
        }
      }),
      { numRuns: 40 },
    );
  });

  Deno.test(`${name}: sides that are not positive integers are refused`, () => {
    for (const bad of [0, -1, 1.5, NaN, Infinity]) {
      assert.throws(() => resize(noise(3, 3, "RGB"), bad, 4), RangeError);
      assert.throws(() => resize(noise(3, 3, "RGB"), 4, bad), RangeError);
    }
  });
}

Deno.test("cropResizeLinear is a crop and then a resize", () => {
  fc.assert(
    fc.property(side, side, side, side, fc.nat(1000), (w, h, W, H, seed) => {
      const source = noise(w, h, "RGB", seed);
      const left = seed % w;
      const top = seed % h;
      const box = { left, top, width: w - left, height: h - top };
      assert.deepEqual(cropResizeLinear(source, box, W, H), resizeLinear(cropImage(source, box), W, H));
    }),
    { numRuns: 100 },
  );
});

Deno.test("cropResizeLinear refuses a box that is empty or outside", () => {
  const source = noise(10, 8, "RGB");
  for (
    const box of [
      { left: 0, top: 0, width: 0, height: 3 },
      { left: -1, top: 0, width: 3, height: 3 },
      { left: 8, top: 0, width: 3, height: 3 },
      { left: 0, top: 6, width: 3, height: 3 },
      { left: NaN, top: 0, width: 3, height: 3 },
    ]
  ) assert.throws(() => cropResizeLinear(source, box, 4, 4), RangeError);
});

Deno.test("a resized mask holds 0 and 1 alone", () => {
  fc.assert(
    fc.property(side, side, side, side, fc.nat(1000), (w, h, W, H, seed) => {
      const source = mask(w, h, noise(w, h, "GRAY", seed).data.map((level) => level & 1));
      const result = resizeRunLengthsLinear(encodeRunLengths(source), W, H);
      assert.ok(result.data.every((value) => value <= 1));
      assert.deepEqual(result.data, resizeLinear(imageOfMask(source), W, H).data);
    }),
    { numRuns: 60 },
  );
});

Deno.test("single columns and rows of a resized mask are those of the whole", () => {
  const lines = fc.uniqueArray(fc.nat(1000), { minLength: 1, maxLength: 6 });
  fc.assert(
    fc.property(side, side, side, side, fc.nat(1000), lines, lines, (w, h, W, H, seed, xs, ys) => {
      const runs = encodeRunLengths(mask(w, h, noise(w, h, "GRAY", seed).data.map((level) => level & 1)));
      const ascending = (places: number[], length: number) =>
        [...new Set(places.map((place) => place % length))].sort((a, b) => a - b);
      const [columns, rows] = [ascending(xs, W), ascending(ys, H)];
      const whole = resizeRunLengthsLinear(runs, W, H);
      const part = resizeRunLengthsLinear(runs, W, H, { columns, rows });
      assert.deepEqual([part.width, part.height], [columns.length, rows.length]);
      assert.deepEqual([...part.data], rows.flatMap((y) => columns.map((x) => whole.data[y * W + x])));
    }),
    { numRuns: 60 },
  );
});

Deno.test("a float map that is linear keeps its values under every interpolation", () => {
  const flat = float32([1, 5, 9], new Float32Array(45).fill(-2.5));
  for (const mode of ["nearest", "bilinear", "bicubic", "bilinear-antialias"] as InterpolateMode[]) {
    const { data, shape } = interpolate(flat, 4, 13, mode);
    assert.deepEqual(shape, [1, 13, 4]);
    assert.ok(data.every((value) => Math.abs(value + 2.5) < 1e-6));
  }
  assert.ok(
    resizeCubicMap(float32([2, 2], [3, 3, 3, 3]), 7, 5).data.every((value) => Math.abs(value - 3) < 1e-6),
  );
});

Deno.test("a cubic map overshoots at an edge, and is not clipped", () => {
  const edge = float32([1, 8], [0, 0, 0, 0, 1, 1, 1, 1]);
  const { data } = resizeCubicMap(edge, 32, 1);
  assert.ok(Math.min(...data) < -0.01 && Math.max(...data) > 1.01);
});

Deno.test("tensors of another rank are refused", () => {
  assert.throws(() => interpolate(float32([2, 2], [1, 2, 3, 4]), 4, 4, "bilinear"), /\[C, H, W\]/);
  assert.throws(() => resizeCubicMap(float32([1, 2, 2], [1, 2, 3, 4]), 4, 4), /\[H, W\]/);
});

Deno.test("many sizes in turn give what each gives alone, so the memory of tables is sound", () => {
  const source = noise(31, 17, "RGB");
  const alone = resizeLinear(source, 20, 20);
  for (let size = 1; size < 400; size++) resizeLinear(source, size, size % 30 + 1);
  assert.deepEqual(resizeLinear(source, 20, 20), alone);
});

Deno.test("area: a mean halfway between two levels goes to the even one, whatever the block's size", () => {
  // OpenCV multiplies the integer sum with 1/count in float32 and rounds halves to even: 0.5, 1.5 and 2.5 exactly.
  for (const [level, expected] of [[1, 0], [3, 2], [5, 2]]) {
    for (const [across, down] of [[3, 2], [2, 3], [3, 4], [6, 1], [1, 6], [5, 2]]) {
      const count = across * down;
      const data = Uint8Array.from({ length: 2 * count }, (_, i) => i % 2 === 0 ? level : 0);
      // Two blocks on top of each other; each has `level` in half of its pixels.
      const source = image(1, 2 * count, "GRAY", data);
      assert.deepEqual([...resizeArea(source, 1, 2).data], [expected, expected], `blocks of 1 × ${count}`);
      const block = image(
        across,
        down,
        "GRAY",
        Uint8Array.from({ length: count }, (_, i) => i < count / 2 ? level : 0),
      );
      assert.equal(resizeArea(block, 1, 1).data[0], expected, `a block of ${across} × ${down}`);
    }
  }
});
