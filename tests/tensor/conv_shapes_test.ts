/** The shapes of convolutions and pooling, and what they refuse. */

import assert from "node:assert/strict";
import { convChannelsLast } from "../../lib/tensor/ops/channels_last.ts";
import { conv2d } from "../../lib/tensor/ops/conv.ts";
import { imageConv } from "../../lib/tensor/ops/image_conv.ts";
import { maxPool2d } from "../../lib/tensor/ops/pool.ts";
import { input } from "../../lib/tensor/ops/source.ts";

const float = (...shape: number[]) => input("x", "float32", shape);
const weight = (...shape: number[]) => input("weight", "float32", shape);

Deno.test("maps of one size, given in any layout, become maps of one size", () => {
  const geometry = { stride: [2, 1], padding: [1, 0] } as const;
  const kernel = weight(5, 3, 3, 2);
  assert.deepEqual(imageConv(float(2, 3, 8, 7), kernel, geometry).shape, [2, 4, 6, 5]);
  assert.deepEqual(convChannelsLast(float(2, 8, 7, 3), kernel, geometry).shape, [2, 4, 6, 5]);
  assert.deepEqual(conv2d(float(2, 3, 8, 7), kernel, geometry).shape, [2, 5, 4, 6]);
  assert.deepEqual(maxPool2d(float(2, 3, 8, 7), { kernel: [3, 2], ...geometry }).values.shape, [2, 3, 4, 6]);
});

Deno.test("a kernel that is larger than the padded map, and channels that differ, are refused", () => {
  const large = weight(5, 3, 9, 2);
  const tooLarge = /the kernel \[9,2\] does not fit into the padded map/;
  assert.throws(() => imageConv(float(2, 3, 8, 7), large), tooLarge);
  assert.throws(() => convChannelsLast(float(2, 8, 7, 3), large), tooLarge);
  assert.throws(() => conv2d(float(2, 3, 8, 7), large), tooLarge);
  assert.throws(() => maxPool2d(float(2, 3, 8, 7), { kernel: [9, 2] }), tooLarge);
  assert.throws(
    () => imageConv(float(2, 8, 7, 3), weight(5, 3, 3, 3)),
    /needs x \[N, ci, H, W\] and a weight/,
  );
  assert.throws(
    () => convChannelsLast(float(2, 3, 8, 7), weight(5, 3, 3, 3)),
    /needs x \[N, H, W, ci\] and a weight \[co, ci, kh, kw\]/,
  );
  assert.throws(() => imageConv(input("x", "int64", [2, 3, 8, 7]), weight(5, 3, 3, 3)), /needs float32/);
});
