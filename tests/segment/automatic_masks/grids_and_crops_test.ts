import { deepStrictEqual, ok, strictEqual, throws } from "node:assert";
import fc from "fast-check";
import { cropBoxes } from "../../../lib/segment/automatic_masks/crop_boxes.ts";
import { pointGrid, pointGrids } from "../../../lib/segment/automatic_masks/point_grids.ts";

Deno.test("crops of a layer cover the image and lie in it", () => {
  const sizes = fc.tuple(fc.integer({ min: 8, max: 2000 }), fc.integer({ min: 8, max: 2000 }));
  fc.assert(fc.property(sizes, fc.double({ min: 0, max: 0.9, noNaN: true }), ([width, height], overlap) => {
    const crops = cropBoxes(width, height, 2, overlap);
    strictEqual(crops.length, 21);
    deepStrictEqual(crops[0], { box: [0, 0, width, height], layer: 0 });
    for (const layer of [1, 2]) {
      const boxes = crops.filter((crop) => crop.layer === layer).map(({ box }) => box);
      strictEqual(boxes.length, 4 ** layer);
      for (const axis of [0, 1]) {
        const side = [width, height][axis];
        const spans = boxes.map((box) => [box[axis], box[axis + 2]]).sort((a, b) => a[0] - b[0]);
        strictEqual(spans[0][0], 0);
        let reached = 0;
        for (const [from, to] of spans) {
          ok(from <= reached && to <= side);
          reached = Math.max(reached, to);
        }
        strictEqual(reached, side);
      }
    }
  }));
});

Deno.test("points stand at the centres of equal cells, x fastest", () => {
  deepStrictEqual([...pointGrid(1)], [0.5, 0.5]);
  deepStrictEqual([...pointGrid(2)], [0.25, 0.25, 0.75, 0.25, 0.25, 0.75, 0.75, 0.75]);
  const grid = pointGrid(32);
  deepStrictEqual([...grid.subarray(0, 4)], [0.015625, 0.015625, 0.046875, 0.015625]);
  deepStrictEqual(pointGrids(32, 2, 2).map(({ length }) => Math.sqrt(length / 2)), [32, 16, 8]);
  deepStrictEqual(pointGrids(5, 1, 2).map(({ length }) => Math.sqrt(length / 2)), [5, 2]);
});

Deno.test("grids without points are refused", () => {
  throws(() => pointGrid(0), /points per side must be a positive integer, but is 0/);
  throws(() => pointGrid(1.5), RangeError);
  throws(() => pointGrids(2, 2, 2), /leave none in crop layer 2/);
});
