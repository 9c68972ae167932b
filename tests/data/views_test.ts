import assert from "node:assert";
import type { Fidelity } from "../../lib/fidelity.ts";
import fc from "fast-check";
import { fillBackground } from "../../lib/data/views/background.ts";
import { cropImage, expandBox, maskRectangle, objectRectangle } from "../../lib/data/views/crop_rectangle.ts";
import { maskView, type ViewOptions } from "../../lib/data/views/mask_views.ts";
import { objectMaskView, objectView } from "../../lib/data/views/object_view.ts";
import { partsInView, partTables } from "../../lib/data/views/part_points.ts";
import { image } from "../../lib/vision/image.ts";
import { resizeLinear } from "../../lib/vision/resize/opencv.ts";

const SOURCE = image(12, 8, "RGB", Uint8Array.from({ length: 288 }, (_, i) => 1 + i % 200));
const OPTIONS: ViewOptions = {
  width: 4,
  height: 4,
  fill: "original",
  minBoxShare: 0,
  crop: true,
  fidelity: "intended",
};

Deno.test("the reference loses a mask's last row and column, and one more at the border", () => {
  assert.deepStrictEqual(maskRectangle([2, 1, 5, 4], 12, 8, "reference"), {
    left: 2,
    top: 1,
    width: 3,
    height: 3,
  });
  assert.deepStrictEqual(maskRectangle([2, 1, 5, 4], 12, 8, "intended"), {
    left: 2,
    top: 1,
    width: 4,
    height: 4,
  });
  assert.deepStrictEqual(objectRectangle([0, 0, 12, 8], 12, 8, "reference"), {
    left: 0,
    top: 0,
    width: 11,
    height: 7,
  });
  assert.deepStrictEqual(objectRectangle([0, 0, 12, 8], 12, 8, "intended"), {
    left: 0,
    top: 0,
    width: 12,
    height: 8,
  });
});

Deno.test("boxes that leave no pixel are refused", () => {
  for (const box of [[3, 3, 3, 6], [5, 5, 2, 7], [12, 0, 14, 4], [-5, 0, 0, 4], [NaN, 0, 4, 4]] as const) {
    assert.throws(() => objectRectangle(box, 12, 8, "intended"), /leaves no pixel/);
  }
});

Deno.test("every rectangle lies in its image", () => {
  const number = fc.double({ min: -30, max: 30, noNaN: true });
  fc.assert(
    fc.property(
      number,
      number,
      number,
      number,
      fc.constantFrom<Fidelity>("reference", "intended"),
      (...args) => {
        const [x1, y1, x2, y2, fidelity] = args;
        let rectangle;
        try {
          rectangle = objectRectangle([x1, y1, x2, y2], 12, 8, fidelity);
        } catch {
          return;
        }
        const { left, top, width, height } = rectangle;
        assert.ok(
          left >= 0 && top >= 0 && width > 0 && height > 0 && left + width <= 12 && top + height <= 8,
        );
      },
    ),
  );
});

Deno.test("a box of enough area is not enlarged, a small one gets the share of each side", () => {
  assert.deepStrictEqual(expandBox([0, 0, 60, 60], 100, 80, 0.1), [0, 0, 60, 60]);
  assert.deepStrictEqual(expandBox([10, 10, 20, 20], 100, 80, 0.25), [3, 5, 28, 25]);
  const view = maskView(SOURCE, { box: [5, 3, 6, 4] }, { ...OPTIONS, minBoxShare: 0.5 });
  const expected = resizeLinear(cropImage(SOURCE, { left: 3, top: 2, width: 6, height: 4 }), 4, 4);
  assert.deepStrictEqual(view, expected);
});

Deno.test("backgrounds are black, of the object's mean colour, or the image", () => {
  const source = image(2, 1, "RGB", Uint8Array.of(10, 20, 30, 7, 8, 9));
  const cut = image(2, 1, "RGB", Uint8Array.of(10, 20, 30, 0, 0, 0));
  assert.deepStrictEqual([...fillBackground(cut, source, "zero").data], [10, 20, 30, 0, 0, 0]);
  assert.deepStrictEqual([...fillBackground(cut, source, "mean").data], [10, 20, 30, 10, 20, 30]);
  assert.deepStrictEqual([...fillBackground(cut, source, "original").data], [...source.data]);
  const black = image(2, 1, "RGB");
  assert.deepStrictEqual([...fillBackground(black, source, "mean").data], [0, 0, 0, 0, 0, 0]);
  assert.throws(
    () => fillBackground(image(1, 1, "RGB"), source, "zero"),
    /the cut image has the size 1 × 1 × 3, but its source image has 2 × 1 × 3/,
  );
});

Deno.test("fills without cuts are refused", () => {
  assert.throws(
    () => maskView(SOURCE, { box: [0, 0, 5, 5] }, { ...OPTIONS, fill: "mean" }),
    /needs the image cut by the mask/,
  );
});

Deno.test("without crop or box the whole image is shown", () => {
  const whole = resizeLinear(SOURCE, 4, 4);
  assert.deepStrictEqual(maskView(SOURCE, { box: [1, 1, 4, 4] }, { ...OPTIONS, crop: false }), whole);
  assert.deepStrictEqual(maskView(SOURCE, {}, OPTIONS), whole);
  assert.deepStrictEqual(objectView(SOURCE, undefined, 4, 4), whole);
});

Deno.test("an object's mask keeps its levels", () => {
  const mask = image(4, 2, "GRAY", Uint8Array.of(0, 51, 102, 255, 0, 51, 102, 255));
  const view = objectMaskView(mask, { left: 1, top: 0, width: 2, height: 2 }, 4, 4);
  assert.deepStrictEqual(new Set(view.data), new Set([51, 102]));
});

Deno.test("parts move with the crop; the reference gives those that are left the first ids", () => {
  const parts = [[1, 0, 0], [4, 6, 4], [9, 7.5, 5]] as const;
  const crop = { left: 4, top: 2, width: 4, height: 4 };
  const size = { width: 12, height: 8 };
  assert.deepStrictEqual(partsInView(parts, size, crop, 8, 16, "intended"), [[4, 4, 8], [9, 7, 12]]);
  assert.deepStrictEqual(partsInView(parts, size, crop, 8, 16, "reference"), [[1, 4, 8], [4, 7, 12]]);
  assert.throws(() => partsInView([[2, 12, 0]], size, crop, 8, 8, "intended"), /part 2 .* outside its image/);
});

Deno.test("tables of parts are filled up with -1 and hold no more than their rows", () => {
  assert.deepStrictEqual(partTables([[7, 1.5, 2]], 2), {
    locations: Float32Array.of(1.5, 2, -1, -1),
    ids: Int32Array.of(7, -1),
  });
  assert.throws(() => partTables([[7, 1, 2]], 0), /the table has 0 rows, too few for 1 parts/);
});
