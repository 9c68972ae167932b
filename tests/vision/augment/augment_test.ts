/** Transforms that change nothing, that are their own inverse, and what they refuse; draws and their application. */

import { strict as assert } from "node:assert";
import fc from "fast-check";
import { RandomStream } from "../../../lib/tensor/random.ts";
import { type Image, image } from "../../../lib/vision/image.ts";
import { affineMatrix, warpAffine } from "../../../lib/vision/augment/affine.ts";
import { applyOperations } from "../../../lib/vision/augment/apply.ts";
import { COLOR_OPERATIONS, colorJitter } from "../../../lib/vision/augment/color.ts";
import { drawOperations, type Operation } from "../../../lib/vision/augment/draw.ts";
import { perspectiveOf, warpPerspective } from "../../../lib/vision/augment/perspective.ts";
import {
  addNoise,
  blur,
  compressJpeg,
  flipHorizontally,
  posterize,
} from "../../../lib/vision/augment/pixels.ts";
import { type Border, borderIndex } from "../../../lib/vision/augment/remap.ts";
import { type Level, pipeline, type PipelineName } from "../../../lib/vision/augment/transforms.ts";
import { adjustColor } from "./adjust_color.ts";

function noise(width: number, height: number, seed = 0): Image {
  const source = image(width, height, "RGB");
  const random = new RandomStream({ seed, purpose: "noise" });
  for (let i = 0; i < source.data.length; i++) source.data[i] = random.integer(256);
  return source;
}

const still = { scale: [1, 1], translate: [0, 0], shear: [0, 0], rotate: 0 } as const;

Deno.test("transforms with neutral parameters return the image", () => {
  const source = noise(33, 21);
  assert.deepEqual(flipHorizontally(flipHorizontally(source)), source);
  assert.deepEqual(warpAffine(source, affineMatrix(still, source), "wrap"), source);
  assert.deepEqual(posterize(source, 8), source);
  assert.deepEqual(blur(source, 1), source);
  assert.deepEqual(addNoise(source, new Float64Array(source.data.length)), source);
  for (const operation of COLOR_OPERATIONS) {
    assert.deepEqual(adjustColor(source, operation, operation === "hue" ? 0 : 1), source);
  }
  const corners = [[0, 0], [0, 0], [0, 0], [0, 0]] as const;
  assert.deepEqual(warpPerspective(source, perspectiveOf(corners, source)), source);
});

Deno.test("a shift by whole pixels wraps around, and back again", () => {
  fc.assert(
    fc.property(fc.integer({ min: -50, max: 50 }), fc.integer({ min: -50, max: 50 }), (x, y) => {
      const source = noise(16, 12);
      const moved = warpAffine(source, affineMatrix({ ...still, translate: [x, y] }, source), "wrap");
      const back = warpAffine(moved, affineMatrix({ ...still, translate: [-x, -y] }, source), "wrap");
      assert.deepEqual(back, source);
    }),
    { numRuns: 50 },
  );
});

Deno.test("a border index is inside the image, or stands for black", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: -1000, max: 1000 }),
      fc.integer({ min: 1, max: 40 }),
      fc.constantFrom<Border>("constant", "wrap", "reflect101"),
      (index, length, border) => {
        const result = borderIndex(index, length, border);
        const outside = index < 0 || index >= length;
        if (!outside) assert.equal(result, index);
        else if (border === "constant") assert.equal(result, -1);
        else assert.ok(result >= 0 && result < length);
      },
    ),
  );
  assert.deepEqual([-2, -1, 3, 4].map((i) => borderIndex(i, 3, "reflect101")), [2, 1, 1, 0]);
  assert.deepEqual([-2, -1, 3, 4].map((i) => borderIndex(i, 3, "wrap")), [1, 2, 0, 1]);
});

Deno.test("colours of grey pixels stay grey under saturation and hue", () => {
  const gray = noise(40, 8);
  for (let i = 0; i < gray.data.length; i++) gray.data[i] = gray.data[i - (i % 3)];
  assert.deepEqual(adjustColor(gray, "saturation", 1.3), gray);
  assert.deepEqual(adjustColor(gray, "hue", 0.2), gray);
});

Deno.test("the jitter is its operations one after the other, in any order", () => {
  const random = new RandomStream({ seed: 3, purpose: "orders" });
  for (let round = 0; round < 30; round++) {
    const source = noise(45, 9, round);
    const jitter = {
      brightness: random.uniform(0.7, 1.3),
      contrast: random.uniform(0.7, 1.3),
      saturation: random.uniform(0.7, 1.3),
      hue: random.uniform(-0.1, 0.1),
      order: [...random.permutation(4)],
    };
    let expected = source;
    for (const index of jitter.order) {
      expected = adjustColor(expected, COLOR_OPERATIONS[index], jitter[COLOR_OPERATIONS[index]]);
    }
    assert.deepEqual(colorJitter(source, jitter), expected);
  }
});

Deno.test("the source is never written to", async () => {
  const source = noise(48, 40);
  const copy = source.data.slice();
  for (
    const name of ["geometric", "protomask", "photometric", "pipnet", "noise", "continuity"] as PipelineName[]
  ) {
    for (let index = 0; index < 4; index++) {
      const operations = drawOperations(pipeline(name, "large", "wrap"), source, {
        seed: 1,
        purpose: "t",
        index,
      });
      const result = await applyOperations(source, operations);
      assert.deepEqual([result.width, result.height], [48, 40]);
    }
  }
  assert.deepEqual(source.data, copy);
});

Deno.test("the same stream draws the same operations; another index, epoch, seed or purpose others", () => {
  const transforms = [
    ...pipeline("protomask", "medium", "wrap"),
    ...pipeline("photometric", "medium", "wrap"),
  ];
  const size = { width: 224, height: 224 };
  const stream = { seed: 5, purpose: "augment", epoch: 2, index: 9 };
  const drawn = drawOperations(transforms, size, stream);
  drawOperations(transforms, size, { ...stream, index: 10 });
  assert.deepEqual(drawOperations(transforms, size, stream), drawn);
  for (const other of [{ index: 10 }, { epoch: 3 }, { seed: 6 }, { purpose: "view" }]) {
    assert.notDeepEqual(drawOperations(transforms, size, { ...stream, ...other }), drawn);
  }
});

Deno.test("drawn parameters stay inside their ranges, for every pipeline and level", () => {
  for (
    const name of ["geometric", "protomask", "photometric", "pipnet", "noise", "continuity"] as PipelineName[]
  ) {
    for (const level of ["small", "medium", "large"] as Level[]) {
      const transforms = pipeline(name, level, "wrap");
      for (let index = 0; index < 100; index++) {
        for (
          const operation of drawOperations(transforms, { width: 50, height: 60 }, {
            seed: 1,
            purpose: "r",
            index,
          })
        ) {
          checkRange(operation, transforms);
        }
      }
    }
  }
});

function checkRange(operation: Operation, transforms: ReturnType<typeof pipeline>): void {
  const transform = transforms.find((other) => other.transform === operation.operation)!;
  const within = (value: number, [low, high]: readonly [number, number]) =>
    assert.ok(value >= low && value <= high, `${operation.operation}: ${value} is not in [${low}, ${high}]`);
  if (operation.operation === "color_jitter" && transform.transform === "color_jitter") {
    for (const name of COLOR_OPERATIONS) within(operation.jitter[name], transform[name]);
    assert.deepEqual([...operation.jitter.order].sort(), [0, 1, 2, 3]);
  }
  if (operation.operation === "posterize" && transform.transform === "posterize") {
    within(operation.bits, transform.bits);
  }
  if (operation.operation === "blur" && transform.transform === "blur") {
    within(operation.kernel, transform.kernel);
  }
  if (operation.operation === "jpeg" && transform.transform === "jpeg") {
    within(operation.quality, transform.quality);
  }
  if (operation.operation === "gauss_noise" && transform.transform === "gauss_noise") {
    within(operation.sigma ** 2, transform.variance.map((v, i) => v + (i - 0.5) * 1e-9) as [number, number]);
  }
}

Deno.test("noise is clipped to 0 … 255 and truncated", () => {
  const source = image(2, 1, "RGB", Uint8Array.of(0, 10, 250, 255, 100, 100));
  assert.deepEqual([...addNoise(source, [-5, 0.9, 9, 1, -0.1, 0.1]).data], [0, 10, 255, 255, 99, 100]);
  assert.throws(() => addNoise(source, [1, 2]), /6 samples, but 2 numbers/);
});

Deno.test("a JPEG keeps an image of one colour and refuses what it can't hold", async () => {
  const source = image(16, 16, "RGB");
  source.data.forEach((_, i) => source.data[i] = [200, 60, 30][i % 3]);
  const { data } = await compressJpeg(source, 90);
  assert.ok(data.every((level, i) => Math.abs(level - [200, 60, 30][i % 3]) <= 3));
  await assert.rejects(compressJpeg(source, 0), RangeError);
  await assert.rejects(compressJpeg(image(4, 4, "GRAY"), 90), RangeError);
});

Deno.test("parameters without meaning are refused", () => {
  const source = noise(8, 8);
  for (const bits of [-1, 9, 2.5, NaN]) assert.throws(() => posterize(source, bits), RangeError);
  for (const kernel of [0, 2, -3, 1.5]) assert.throws(() => blur(source, kernel), RangeError);
  assert.throws(() => warpAffine(source, [0, 0, 0, 0, 0, 0], "wrap"), /inverted/);
  assert.throws(
    () => warpPerspective(source, { matrix: new Array(9).fill(0), width: 8, height: 8 }),
    /inverted/,
  );
  assert.throws(() => perspectiveOf([[NaN, 0], [0, 0], [0, 0], [0, 0]], source), /finite/);
  assert.throws(() =>
    colorJitter(image(2, 2, "GRAY"), { brightness: 1, contrast: 1, saturation: 1, hue: 0, order: [] })
  );
});

Deno.test("a perspective whose corners nearly meet is widened to two pixels, not refused", () => {
  const { width, height } = perspectiveOf([[0.5, 0.5], [0.5, 0.5], [0.5, 0.5], [0.5, 0.5]], {
    width: 20,
    height: 20,
  });
  assert.ok(width >= 2 && height >= 2);
});
