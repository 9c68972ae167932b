/** Viridis over photographs, and frames and montages of pictures. */

import assert from "node:assert/strict";
import { TAB10, withViridis } from "../../../lib/report/page/colour_maps.ts";
import { montage } from "../../../lib/report/page/montage.ts";
import { framed } from "../../../lib/report/page/pictures.ts";
import { image } from "../../../lib/vision/image.ts";

const grey = (width: number, height: number, value: number) =>
  image(width, height, "RGB", new Uint8Array(3 * width * height).fill(value));

Deno.test("a map lies in viridis over the photograph, with the opacities of the paper", () => {
  const { data } = withViridis(grey(3, 1, 100), Float32Array.of(0, 2, 4));
  const under = 0.6 * 100 + 0.4 * 255;
  const over = (...colour: number[]) => colour.map((value) => Math.round(0.6 * under + 0.4 * value));
  assert.deepEqual([...data.subarray(0, 3)], over(0x44, 0x01, 0x54), "the first colour of viridis");
  assert.deepEqual([...data.subarray(6)], over(0xfd, 0xe7, 0x25), "the last one");
  const flat = withViridis(grey(2, 1, 100), new Float32Array(2)).data;
  assert.deepEqual([...flat], [...over(0x44, 0x01, 0x54), ...over(0x44, 0x01, 0x54)]);
  assert.deepEqual(TAB10[0], [0x1f, 0x77, 0xb4]);
  assert.equal(TAB10.length, 10);
});

Deno.test("a frame is drawn inside its edges", () => {
  const source = grey(10, 10, 0);
  const { data } = framed(source, { left: 0.2, top: 0.2, width: 0.7, height: 0.8 });
  const row = Array.from({ length: 10 }, (_, x) => data[3 * (10 * 5 + x)] > 0 ? "#" : ".").join("");
  assert.equal(row, "..##...##.");
  const column = Array.from({ length: 10 }, (_, y) => data[3 * (10 * y + 5)] > 0 ? "#" : ".").join("");
  assert.equal(column, "..##....##");
  assert.ok(source.data.every((value) => value === 0), "the picture itself is left as it is");
});

Deno.test("pictures of different sizes stand in the middle of equal cells", () => {
  const { width, height, data } = montage([[grey(4, 4, 1), grey(2, 4, 2)], [grey(4, 2, 3)]]);
  assert.deepEqual([width, height], [2 * 10 + 6, 2 * 10 + 6]);
  const at = (x: number, y: number) => data[3 * (width * y + x)];
  assert.deepEqual([at(6, 6), at(16, 6), at(17, 6), at(6, 16), at(6, 17)], [1, 255, 2, 255, 3]);
});
