/** Where maps of views come to lie in the frame of their image. */

import assert from "node:assert/strict";
import fc from "fast-check";
import { pasteMap, placeInFrame } from "../../lib/explain/paste_map.ts";
import { float32 } from "../../lib/tensor/host_tensor.ts";

const frame = { width: 224, height: 224 };
/** (224·row + column)/50176 */
const ramp = float32([224, 224], Float32Array.from({ length: 50176 }, (_, i) => i / 50176));

Deno.test("the map of a box fills its rows and columns of the frame", () => {
  const cases = [
    {
      box: [100, 50, 300, 200],
      image: [500, 375],
      rows: [30, 119],
      columns: [45, 134],
      sum: 4049.9199,
      max: 0.9966419,
    },
    {
      box: [0, 0, 499, 374],
      image: [500, 375],
      rows: [0, 222],
      columns: [0, 223],
      sum: 24975.5017,
      max: 0.9999701,
    },
    {
      box: [33, 77, 171, 190],
      image: [500, 333],
      rows: [52, 127],
      columns: [15, 76],
      sum: 2355.9531,
      max: 0.9956072,
    },
    { box: [10, 10, 17, 15], image: [1500, 1000], rows: [2, 2], columns: [1, 1], sum: 0.49999, max: 0.49999 },
  ] as const;
  for (const { box, image: [width, height], rows, columns, sum, max } of cases) {
    const place = placeInFrame(box, { width, height }, frame);
    assert.deepEqual([place.top, place.top + place.height - 1], rows);
    assert.deepEqual([place.left, place.left + place.width - 1], columns);
    const { data } = pasteMap(ramp, place, frame);
    const total = data.reduce((a, b) => a + b, 0);
    assert.ok(Math.abs(total - sum) <= 1e-4 * sum, `${total}, expected ${sum}`);
    assert.ok(Math.abs(Math.max(...data) - max) < 1e-5);
    data.forEach((value, i) => {
      const [row, column] = [Math.floor(i / 224), i % 224];
      const inside = row >= rows[0] && row <= rows[1] && column >= columns[0] && column <= columns[1];
      assert.ok(inside || value === 0);
    });
  }
});

Deno.test("every box inside an image has a place inside the frame, of at least one pixel", () => {
  const side = fc.integer({ min: 1, max: 4000 });
  const fraction = fc.double({ min: 0, max: 1, noNaN: true });
  fc.assert(
    fc.property(side, side, fc.array(fraction, { minLength: 4, maxLength: 4 }), side, side, (...drawn) => {
      const [width, height, parts, across, down] = drawn;
      const corner = (part: number, length: number) => Math.floor(part * (length - 1));
      const [x1, x2] = [corner(parts[0], width), corner(parts[1], width)].sort((a, b) => a - b);
      const [y1, y2] = [corner(parts[2], height), corner(parts[3], height)].sort((a, b) => a - b);
      const place = placeInFrame([x1, y1, x2, y2], { width, height }, { width: across, height: down });
      assert.ok(place.width >= 1 && place.height >= 1 && place.left >= 0 && place.top >= 0);
      assert.ok(place.left + place.width <= across && place.top + place.height <= down);
    }),
  );
});

Deno.test("a box that is not in the image is refused", () => {
  const image = { width: 20, height: 10 };
  for (const box of [[-1, 0, 5, 5], [0, 0, 21, 5], [0, 0, 5, 11], [6, 0, 5, 5], [0, NaN, 5, 5]] as const) {
    assert.throws(() => placeInFrame(box, image, frame), { name: "PasteError", message: /of 20 × 10/ });
  }
});
