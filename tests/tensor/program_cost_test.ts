/** Work and memory of programs, against counts by hand. */

import assert from "node:assert/strict";
import { program } from "../../lib/tensor/graph.ts";
import { add } from "../../lib/tensor/ops/arithmetic.ts";
import { conv2d, convInputGradient } from "../../lib/tensor/ops/conv.ts";
import { sum } from "../../lib/tensor/ops/broadcast.ts";
import { exp, relu } from "../../lib/tensor/ops/elementwise.ts";
import { gemm } from "../../lib/tensor/ops/gemm.ts";
import { imageConv } from "../../lib/tensor/ops/image_conv.ts";
import { matmul } from "../../lib/tensor/ops/matmul.ts";
import { reshape, transpose } from "../../lib/tensor/ops/shape.ts";
import { slice } from "../../lib/tensor/ops/slice.ts";
import { input } from "../../lib/tensor/ops/source.ts";
import { peakBytes } from "../../lib/tensor/memory.ts";
import { flopOf, workOf } from "../../lib/tensor/program_cost.ts";

const x = input("x", "float32", [2, 4, 6, 6]);

Deno.test("products count two operations for each factor pair, whatever form they have", () => {
  const weight = input("w", "float32", [8, 4, 3, 3]);
  assert.equal(flopOf(program({ y: conv2d(x, weight, { padding: 1 }) })), 2 * (2 * 8 * 6 * 6) * (4 * 9));
  const geometry = { stride: [1, 1], padding: [1, 1], dilation: [1, 1], groups: 1 } as const;
  const back = input("b", "float32", [4, 8, 3, 3]);
  assert.equal(
    flopOf(program({ y: convInputGradient(x, back, [2, 8, 6, 6], geometry) })),
    2 * (2 * 4 * 6 * 6) * (8 * 9),
  );
  const [a, b] = [input("a", "float32", [5, 7]), input("c", "float32", [7, 3])];
  assert.equal(flopOf(program({ y: matmul(a, b) })), 2 * 5 * 3 * 7);
  const turned = input("t", "float32", [7, 5]);
  assert.equal(flopOf(program({ y: gemm(turned, b, { transposeA: true }) })), 2 * 5 * 3 * 7);
  assert.equal(flopOf(program({ y: relu(x) })), 2 * 4 * 6 * 6);
});

Deno.test("work is each product by its operations, each pass by the largest tensor that it touches, and no reshape", () => {
  const weight = input("w", "float32", [8, 4, 3, 3]);
  const y = reshape(exp(conv2d(x, weight, { padding: 1 })), [2, 288]);
  const conv = { size: 2 * (2 * 8 * 6 * 6) * (4 * 9), count: 1 };
  assert.deepEqual(workOf(program({ y: sum(y) })), {
    product: [],
    convolution: [conv],
    image: [],
    pass: [{ size: 2 * 8 * 6 * 6, count: 1 }, { size: 2 * 8 * 6 * 6, count: 1 }],
    move: [],
  });
});

Deno.test("the first convolution of images, and what only moves values, are work of their own; a product with a vector is a pass", () => {
  const images = imageConv(input("photos", "float32", [2, 3, 8, 8]), input("first", "float32", [4, 3, 3, 3]));
  const matrix = input("matrix", "float32", [50, 40]);
  const y = matmul(input("row", "float32", [1, 50]), matrix);
  const squared = matmul(matrix, transpose(matrix, [1, 0]));
  const cut = slice(matrix, { axes: [0], starts: [0], ends: [10] });
  assert.deepEqual(workOf(program({ images, y, squared, cut })), {
    product: [{ size: 2 * 50 * 50 * 40, count: 1 }],
    convolution: [],
    image: [{ size: 2 * (2 * 6 * 6 * 4) * (3 * 9), count: 1 }],
    pass: [{ size: 50 * 40, count: 1 }],
    move: [{ size: 50 * 40, count: 1 }, { size: 10 * 40, count: 1 }],
  });
});

Deno.test("a value takes memory until its last use, and a reshaped one shares it", () => {
  const bytes = 4 * 2 * 4 * 6 * 6;
  assert.equal(peakBytes(program({ y: relu(x) })), bytes);
  assert.equal(peakBytes(program({ y: exp(exp(exp(exp(x)))) })), 2 * bytes);
  const early = exp(x);
  assert.equal(peakBytes(program({ y: add(exp(exp(exp(early))), early) })), 3 * bytes);
  assert.equal(peakBytes(program({ y: exp(reshape(exp(x), [8, 36])) })), 2 * bytes);
  assert.equal(peakBytes(program({ y: exp(x), z: exp(exp(exp(x))) })), 3 * bytes);
});
