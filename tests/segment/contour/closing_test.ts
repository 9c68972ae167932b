/** The closing: what it fills, what it keeps, and its algebra. */

import assert from "node:assert/strict";
import fc from "fast-check";
import { closeDark } from "../../../lib/segment/contour/closing.ts";
import { image } from "../../../lib/vision/image.ts";

const pictures = fc.tuple(fc.integer({ min: 1, max: 12 }), fc.integer({ min: 1, max: 12 })).chain(([w, h]) =>
  fc.uint8Array({ minLength: 3 * w * h, maxLength: 3 * w * h }).map((data) => image(w, h, "RGB", data))
);
const sides = fc.integer({ min: 1, max: 16 });

Deno.test("dark runs shorter than the side are filled, longer ones and light ones kept", () => {
  const row = [9, 0, 0, 9, 9, 9, 0, 0, 0, 9, 9, 9, 30, 9, 9, 9];
  const closed = (side: number) => [...closeDark(image(16, 1, "GRAY", Uint8Array.from(row)), side).data];
  assert.deepEqual(closed(1), row);
  assert.deepEqual(closed(2), row);
  assert.deepEqual(closed(3), [9, 9, 9, 9, 9, 9, 0, 0, 0, 9, 9, 9, 30, 9, 9, 9]);
  assert.deepEqual(closed(4), [9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 30, 9, 9, 9]);
});

Deno.test("closing is what its definition says, for every picture and side", () => {
  fc.assert(fc.property(pictures, sides, (picture, side) => {
    const { width, height, channels, data } = picture;
    const before = side >> 1;
    const extreme = (values: Uint8Array, back: number, of: (...levels: number[]) => number) =>
      values.map((_, i) => {
        const [x, y, c] = [
          Math.floor(i / channels) % width,
          Math.floor(i / channels / width),
          i % channels,
        ];
        const levels: number[] = [];
        for (let v = Math.max(0, y - back); v <= Math.min(height - 1, y - back + side - 1); v++) {
          for (let u = Math.max(0, x - back); u <= Math.min(width - 1, x - back + side - 1); u++) {
            levels.push(values[(v * width + u) * channels + c]);
          }
        }
        return of(...levels);
      });
    const expected = extreme(extreme(data, before, Math.max), side - 1 - before, Math.min);
    assert.deepEqual(closeDark(picture, side).data, expected);
  }));
});

Deno.test("closing never darkens, and closing again changes nothing", () => {
  fc.assert(fc.property(pictures, sides, (picture, side) => {
    const given = picture.data.slice();
    const once = closeDark(picture, side);
    assert.deepEqual(picture.data, given);
    assert.ok(once.data.every((value, i) => value >= given[i]));
    assert.deepEqual(closeDark(once, side), once);
  }));
});
