/** Figures: what lies within the image, joined from the regions that touch. */

import assert from "node:assert/strict";
import fc from "fast-check";
import { figures } from "../../../lib/segment/contour/figures.ts";
import type { Components } from "../../../lib/vision/masks/components.ts";

/** Regions from rows of digits. */
function regions(...rows: string[]): Components & { width: number; height: number } {
  const labels = Int32Array.from(rows.join(""), Number);
  const areas = Array.from(
    { length: Math.max(0, ...labels) },
    (_, i) => labels.filter((x) => x === i + 1).length,
  );
  return { labels, areas, width: rows[0].length, height: rows.length };
}

function found(...rows: string[]): { areas: readonly number[]; rows: string[] } {
  const given = regions(...rows);
  const { labels, areas } = figures(given, given);
  const lines = rows.map((row, y) => labels.subarray(y * row.length, (y + 1) * row.length).join(""));
  return { areas, rows: lines };
}

Deno.test("regions that touch each other and not the edge are one figure", () => {
  assert.deepEqual(found("111111", "123311", "122411", "111111"), {
    areas: [6],
    rows: ["000000", "011100", "011100", "000000"],
  });
});

Deno.test("a region by itself is no figure, nor is one at the edge part of one", () => {
  assert.deepEqual(found("1111", "1211", "1111").areas, []);
  assert.deepEqual(found("11111", "12231", "11133").areas, []);
});

Deno.test("corners and pixels of no region join regions, and belong to their figure", () => {
  assert.deepEqual(found("11111", "12111", "11311", "11111").areas, [2]);
  assert.deepEqual(found("111111", "120311", "111111"), { areas: [3], rows: ["000000", "011100", "000000"] });
});

Deno.test("pixels of no region alone are no figure, also at the edge", () => {
  assert.deepEqual(found("000", "000").areas, []);
  assert.deepEqual(found("10111", "10111", "11111").areas, []);
});

Deno.test("a figure holds two regions or more, and no ground", () => {
  const pictures = fc.tuple(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 9 })).chain(
    ([width, height]) =>
      fc.array(fc.integer({ min: 0, max: 9 }), { minLength: width * height, maxLength: width * height })
        .map((digits) =>
          regions(
            ...Array.from({ length: height }, (_, y) => digits.slice(y * width, (y + 1) * width).join("")),
          )
        ),
  );
  fc.assert(fc.property(pictures, (given) => {
    const { labels, areas } = figures(given, given);
    areas.forEach((area, i) => {
      const inside = given.labels.filter((_, at) => labels[at] === i + 1);
      assert.equal(inside.length, area);
      assert.ok(new Set(inside.filter((label) => label > 0)).size > 1);
    });
    for (let x = 0; x < given.width; x++) {
      const label = given.labels[x];
      if (label > 0) given.labels.forEach((other, at) => other === label && assert.equal(labels[at], 0));
    }
  }));
});
