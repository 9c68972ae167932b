/** The files of views: rows are read where they were written, and a file that is cut or of another form is refused. */

import assert from "node:assert/strict";
import { join } from "node:path";
import { contactSheet } from "../../../lib/data/views/contact_sheet.ts";
import { readImageRows } from "../../../lib/data/views/image_views.ts";
import { readViewsIndex, viewPixelsOf } from "../../../lib/data/views/views_file.ts";
import { viewsFileOf, writeViews } from "./write_views.ts";
import { withFolder } from "../folder.ts";

const rectangle = { left: 0, top: 0, width: 9, height: 9 };
const sample = (id: number, count: number, views: number[]) => ({
  id,
  name: `a/${id}.png`,
  label: 0,
  width: 9,
  height: 9,
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
  samples: [sample(4, 2, [0, 1]), sample(9, 1, [0, 0])],
};
const row = (value: number) => new Uint8Array(18).fill(value);

Deno.test("rows are read where they were written", async () => {
  await withFolder({}, (folder) => {
    writeViews(folder, INDEX, [Uint8Array.from([...row(1), ...row(2)]), row(3)]);
    const index = readViewsIndex(folder);
    assert.deepEqual(index, { format: "protoflow views 2", ...INDEX });
    const pixels = viewPixelsOf(folder, index);
    const into = new Uint8Array(18);
    const [first, second] = index.samples;
    for (
      const [sample, at, value] of [[second, 0, 3], [first, 0, 1], [first, 1, 2], [second, 0, 3]] as const
    ) {
      pixels.read(sample, at, into);
      assert.deepEqual(into, row(value));
    }
    const { width, height, rows } = first;
    assert.deepEqual(readImageRows(viewsFileOf(folder, first)), { ...first, width, height, rows });
    const sheet = contactSheet(index, pixels);
    pixels.close();
    // Two images with two views each, every view in a square of its own value.
    assert.deepEqual([sheet.width, sheet.height], [2 * 76 + 4, 2 * 76 + 4]);
    const at = (x: number, y: number) => sheet.data[(y * sheet.width + x) * 3];
    assert.deepEqual([at(40, 40), at(116, 40), at(40, 116), at(116, 116), at(1, 1)], [1, 2, 3, 3, 255]);
  });
});

Deno.test("an image's file that is missing or cut is named", async () => {
  await withFolder({}, (folder) => {
    assert.throws(() => readViewsIndex(folder), /views\.json can't be read as views/);
    writeViews(folder, INDEX, [Uint8Array.from([...row(1), ...row(2)]), row(3)]);
    const index = readViewsIndex(folder);
    const [first, second] = index.samples;
    const pixels = viewPixelsOf(folder, index);
    const into = new Uint8Array(18);
    Deno.truncateSync(viewsFileOf(folder, first), 30);
    pixels.read(first, 0, into);
    assert.deepEqual(into, row(1));
    assert.throws(() => pixels.read(first, 1, into), /images\/00004-4 ends before the end of row 1/);
    Deno.removeSync(viewsFileOf(folder, second));
    assert.throws(() => pixels.read(second, 0, into), {
      name: "ViewsFileError",
      message: /can't be read: .*images\/00009-9/,
    });
    pixels.close();
    Deno.writeTextFileSync(join(folder, "views.json"), "{}");
    assert.throws(() => readViewsIndex(folder), /views\.json: format/);
  });
});
