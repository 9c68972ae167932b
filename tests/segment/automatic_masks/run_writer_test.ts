/** Tests of the run lengths of masks, written from one change to the next. */

import assert from "node:assert/strict";
import { RunWriter } from "../../../lib/segment/automatic_masks/run_writer.ts";

/** The run lengths of pixels, counted one by one; the first run is of zeros. */
function counted(pixels: readonly number[]): number[] {
  const counts = [0];
  let state = 0;
  for (const pixel of pixels) {
    if (pixel !== state) {
      counts.push(0);
      state = pixel;
    }
    counts[counts.length - 1]++;
  }
  return counts;
}

function written(writer: RunWriter, pixels: readonly number[]): number[] {
  writer.begin();
  pixels.forEach((pixel, position) => writer.enter(pixel === 1 ? 1 : 0, position));
  return [...writer.finish(pixels.length)];
}

Deno.test("runs are those of the pixels, also of more changes than there was room for, and of a later mask", () => {
  const writer = new RunWriter();
  const many = Array.from({ length: 50_000 }, (_, i) => (i * i >> 3) & 1);
  const masks = [many, [1, 1, 0], [0, 0, 0], [0, 1], many.toReversed()];
  assert.ok(counted(many).length > 1024);
  for (const pixels of masks) assert.deepEqual(written(writer, pixels), counted(pixels));
});

Deno.test("room that is made keeps the changes that are there", () => {
  const writer = new RunWriter();
  writer.begin();
  writer.enter(1, 2);
  writer.reserve(10_000);
  assert.ok(writer.changes.length >= 10_001);
  assert.deepEqual([...writer.finish(5)], [2, 3]);
});
