/** The file of views: rows are read where they were written, and a file that is cut or of another form is refused. */

import assert from "node:assert/strict";
import { join } from "node:path";
import { contactSheet } from "../../../lib/data/views/contact_sheet.ts";
import { readViewsIndex, ViewPixels, writeViews } from "../../../lib/data/views/views_file.ts";
import { withFolder } from "../folder.ts";

const rectangle = { left: 0, top: 0, width: 9, height: 9 };
const sample = (id: number, firstRow: number, count: number, views: number[]) => ({
  id,
  name: `a/${id}.png`,
  label: 0,
  width: 9,
  height: 9,
  firstRow,
  rows: Array.from({ length: count }, (_, mask) => ({ mask, rectangle })),
  views,
});
const INDEX = {
  split: "train" as const,
  width: 3,
  height: 2,
  viewsPerImage: 2,
  classes: ["a"],
  classWeights: [1],
  samples: [sample(4, 0, 2, [0, 1]), sample(9, 2, 1, [0, 0])],
};
const row = (value: number) => new Uint8Array(18).fill(value);

Deno.test("rows are read where they were written", async () => {
  await withFolder({}, (folder) => {
    writeViews(folder, INDEX, [Uint8Array.from([...row(1), ...row(2)]), row(3)]);
    const index = readViewsIndex(folder);
    assert.deepEqual(index, { format: "protoflow views 1", rowCount: 3, ...INDEX });
    const pixels = new ViewPixels(folder, index);
    const into = new Uint8Array(18);
    for (const at of [2, 0, 1]) {
      pixels.read(at, into);
      assert.deepEqual(into, row(at + 1));
    }
    assert.throws(() => pixels.read(3, into), /ends before the end of row 3/);
    pixels.close();
    const sheet = contactSheet(folder, index);
    // Two images with two views each, every view in a square of its own value.
    assert.deepEqual([sheet.width, sheet.height], [2 * 76 + 4, 2 * 76 + 4]);
    const at = (x: number, y: number) => sheet.data[(y * sheet.width + x) * 3];
    assert.deepEqual([at(40, 40), at(116, 40), at(40, 116), at(116, 116), at(1, 1)], [1, 2, 3, 3, 255]);
  });
});

Deno.test("pixels that are missing or too many are refused", async () => {
  await withFolder({}, (folder) => {
    assert.throws(
      () => writeViews(folder, INDEX, [row(1)]),
      /the index lists 3 rows of 18 bytes, but 18 bytes were given/,
    );
    assert.throws(() => readViewsIndex(folder), /views\.json can't be read as views/);
    writeViews(folder, INDEX, [row(1), row(2), row(3)]);
    Deno.truncateSync(join(folder, "views.u8"), 50);
    assert.throws(() => readViewsIndex(folder), /views\.u8 has 50 bytes, but 54 were expected/);
    Deno.removeSync(join(folder, "views.u8"));
    assert.throws(() => readViewsIndex(folder), /is not a folder of views: views\.u8 is missing/);
    Deno.writeTextFileSync(join(folder, "views.json"), "{}");
    assert.throws(() => readViewsIndex(folder), /views\.json: format/);
  });
});
