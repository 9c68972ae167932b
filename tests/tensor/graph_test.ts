/** Programs: merging, dead nodes, labels, listings and errors. */

import assert from "node:assert";
import { gradients } from "../../lib/tensor/grad.ts";
import { program } from "../../lib/tensor/graph.ts";
import { float32 } from "../../lib/tensor/host_tensor.ts";
import { interpret } from "../../lib/tensor/interpret.ts";
import { GraphError, labelled, type Tensor } from "../../lib/tensor/op.ts";
import { add, mul } from "../../lib/tensor/ops/arithmetic.ts";
import { expand, sum } from "../../lib/tensor/ops/broadcast.ts";
import { conv2d } from "../../lib/tensor/ops/conv.ts";
import { crossEntropy } from "../../lib/tensor/ops/cross_entropy.ts";
import { exp, floor, relu, square } from "../../lib/tensor/ops/elementwise.ts";
import { gather, padFrom } from "../../lib/tensor/ops/gather.ts";
import { matmul } from "../../lib/tensor/ops/matmul.ts";
import { layerNorm } from "../../lib/tensor/ops/normalization.ts";
import { argmax, topk } from "../../lib/tensor/ops/order.ts";
import { maxPool2d } from "../../lib/tensor/ops/pool.ts";
import { interpolate } from "../../lib/tensor/ops/resample.ts";
import { reshape, squeeze, transpose, unsqueeze } from "../../lib/tensor/ops/shape.ts";
import { concat, pad, slice } from "../../lib/tensor/ops/slice.ts";
import { softmax } from "../../lib/tensor/ops/softmax.ts";
import { constant, input, scalar } from "../../lib/tensor/ops/source.ts";
import { stopGradient, straightThrough } from "../../lib/tensor/ops/stop_gradient.ts";

const opNames = (outputs: Record<string, Tensor>) => program(outputs).steps.map(({ op }) => op.name);

Deno.test("equal nodes are merged, whatever their labels", () => {
  const x = input("x", "float32", [2, 3]);
  const a = labelled("one", () => exp(x));
  const b = labelled("two", () => exp(x));
  assert.deepStrictEqual(opNames({ y: add(a, b) }), ["exp", "add"]);
  assert.deepStrictEqual(opNames({ a, b }), ["exp"]);
});

Deno.test("nodes that differ in an attribute, an input or a constant are kept apart", () => {
  const x = input("x", "float32", [2, 3]);
  const y = add(sum(x, { axes: [0] }), sum(x, { axes: [1], keepdim: true }));
  assert.deepStrictEqual(opNames({ y }), ["sum", "sum", "add"]);
  assert.deepStrictEqual(opNames({ y: mul(add(x, 1), add(x, 2)) }), ["full", "add", "full", "add", "mul"]);
  const [one, other] = [[1, 2, 3], [1, 2, 4]].map((values) => constant(float32([3], values)));
  assert.deepStrictEqual(opNames({ y: add(add(x, one), other) }), ["constant", "constant", "add", "add"]);
  assert.deepStrictEqual(
    opNames({ y: mul(add(x, 0), add(x, -0)) }).filter((name) => name === "full").length,
    2,
  );
});

Deno.test("an axis counted from the end or from the front is the same", () => {
  const x = input("x", "float32", [2, 3]);
  assert.deepStrictEqual(opNames({ y: add(softmax(x, -1), softmax(x, 1)) }), ["softmax", "add"]);
  assert.deepStrictEqual(opNames({ y: add(reshape(x, [-1]), reshape(x, [6])) }), ["reshape", "add"]);
});

Deno.test("equal constants are merged by value", () => {
  const x = input("x", "float32", [40]);
  const values = Array.from({ length: 40 }, (_, i) => i);
  const y = add(add(x, constant(float32([40], values))), constant(float32([40], values)));
  assert.deepStrictEqual(opNames({ y }), ["constant", "add", "add"]);
});

Deno.test("what no output needs is dropped, inputs too", () => {
  const x = input("x", "float32", [2]);
  const unused = input("unused", "float32", [2]);
  exp(unused);
  const built = program({ y: square(x) });
  assert.deepStrictEqual([...built.inputs.keys()], ["x"]);
  assert.deepStrictEqual(built.steps.length, 1);
});

Deno.test("inputs of one name and type are one input; of another type an error", () => {
  const sameTwice = add(input("x", "float32", [2]), input("x", "float32", [2]));
  assert.deepStrictEqual([...program({ y: sameTwice }).inputs.keys()], ["x"]);
  const conflict = add(input("x", "float32", [2]), input("x", "float32", [1]));
  assert.throws(() => program({ y: conflict }), {
    name: "GraphError",
    message: 'the input "x" is declared as float32[2] and as float32[1]',
  });
});

Deno.test("an output can't have an input's name, and there must be one", () => {
  const x = input("x", "float32", [2]);
  assert.throws(() => program({ x: exp(x) }), /"x" names both an input and an output/);
  assert.throws(() => program({}), GraphError);
});

Deno.test("deep graphs do not exhaust the stack", () => {
  const x = input("x", "float32", [1]);
  let y = x;
  for (let i = 0; i < 20_000; i++) y = add(y, x);
  const [gradient] = gradients(y, [x]);
  assert.ok(program({ y, gradient }).steps.length >= 20_000);
});

Deno.test("stopGradient is a constant to gradients and nothing to the program", () => {
  const x = input("x", "float32", [2]);
  const y = mul(x, stopGradient(x));
  const [gradient] = gradients(sum(y), [x]);
  assert.deepStrictEqual(opNames({ y }), ["mul"]);
  const { gradient: value } = interpret(program({ gradient }), { x: float32([2], [3, -5]) });
  assert.deepStrictEqual([...value.data], [3, -5]);
});

Deno.test("straightThrough has the value of one tensor and the gradient of the other", () => {
  const x = input("x", "float32", [2]);
  const y = straightThrough(mul(x, 10), square(x));
  const [gradient] = gradients(sum(y), [x]);
  const results = interpret(program({ y, gradient }), { x: float32([2], [3, -5]) });
  assert.deepStrictEqual([...results.y.data], [30, -50]);
  assert.deepStrictEqual([...results.gradient.data], [6, -10]);
});

Deno.test("the gradient of what a tensor has no part in is 0", () => {
  const [x, z] = [input("x", "float32", [2]), input("z", "float32", [3])];
  const [gradient] = gradients(sum(x), [z]);
  assert.deepStrictEqual([...interpret(program({ gradient }), {}).gradient.data], [0, 0, 0]);
});

Deno.test("a tensor used several times gets the sum of its gradients", () => {
  const x = input("x", "float32", []);
  const [gradient] = gradients(add(mul(x, x), mul(x, 3)), [x]);
  assert.strictEqual(interpret(program({ gradient }), { x: float32([], [2]) }).gradient.data[0], 7);
});

Deno.test("what has no derivative is a constant to gradients", () => {
  const x = input("x", "float32", [2]);
  const [gradient] = gradients(sum(mul(floor(x), x)), [x]);
  assert.deepStrictEqual([
    ...interpret(program({ gradient }), { x: float32([2], [1.5, -2.5]) }).gradient.data,
  ], [1, -3]);
});

Deno.test("gradients refuse what they can't give, by name", () => {
  const x = input("x", "float32", [2]);
  assert.throws(() => gradients(exp(x), [x]), /gradient of exp needs one element, but its shape is \[2\]/);
  const seeds = [{ output: exp(x), cotangent: scalar(1) }];
  assert.throws(() => gradients(seeds, [x]), /cotangent of exp "" has shape \[\], but the tensor has \[2\]/);
});

const x = input("x", "float32", [2, 3]);
const image = input("image", "float32", [1, 3, 4, 4]);
const labels = input("labels", "int64", [2]);

/** What is wrong, and what the message must say besides the operation. */
const MISTAKES: readonly [string, () => unknown, RegExp][] = [
  ["add", () => add(x, input("b", "float32", [2])), /shapes \[2,3\] and \[2\] do not broadcast/],
  ["add", () => add(x, labels), /types float32 and int64 differ/],
  ["matmul", () => matmul(x, x), /left side has 3 columns, but the right side has 2 rows/],
  ["reshape", () => reshape(x, [4, 2]), /\[2,3\] has 6 elements, but \[4,2\] has 8/],
  ["reshape", () => reshape(x, [4, -1]), /no length for the -1/],
  ["transpose", () => transpose(x, [0, 0]), /not a permutation/],
  ["unsqueeze", () => unsqueeze(x, 4), /no axis 4/],
  ["squeeze", () => squeeze(x, [0]), /length 1/],
  ["expand", () => expand(x, [4, 2, 2]), /do not broadcast/],
  ["sum", () => sum(x, { axes: [2] }), /no axis 2 in a tensor with 2 axes/],
  ["sum", () => sum(x, { axes: [1, -1] }), /axis occurs twice/],
  ["slice", () => slice(x, { axes: [0], starts: [0], ends: [1], steps: [0] }), /step/],
  ["slice", () => slice(x, { axes: [5], starts: [0], ends: [1] }), /no axis 5/],
  ["pad", () => pad(x, [[0, 1]]), /two non-negative integers for each of 2 axes/],
  ["pad_from", () => padFrom(x, [[0, 0], [3, 0]], "reflect"), /length 3 cannot be extended by 3/],
  ["concat", () => concat([x, input("b", "float32", [3, 2])], 0), /all axes except 0 must be equal/],
  ["gather", () => gather(x, 0, input("i", "float32", [1, 3])), /index must be int64 or int32, not float32/],
  ["gather", () => gather(x, 0, input("i", "int64", [1, 4])), /only the gathered axis may be longer/],
  ["topk", () => topk(x, 4, 1), /k must be an integer from 0 to 3/],
  ["argmax", () => argmax(x, 7), /no axis 7/],
  ["softmax", () => softmax(labels, 0), /needs float32, not int64/],
  ["relu", () => relu(labels), /needs float32, not int64/],
  ["conv2d", () => conv2d(image, input("w", "float32", [8, 2, 3, 3])), /3 channels in 1 groups/],
  ["conv2d", () => conv2d(image, input("w", "float32", [8, 3, 5, 5])), /kernel \[5,5\] does not fit/],
  ["conv2d", () => conv2d(image, input("w", "float32", [8, 3, 1, 1]), { stride: 0 }), /positive integers/],
  ["max_pool2d", () => maxPool2d(image, { kernel: 2, padding: 2 }), /padding must be from 0 to half/],
  ["interpolate", () => interpolate(x, { mode: "bilinear", size: [1, 1] }), /needs float32 \[N, C, H, W\]/],
  ["layer_norm", () => layerNorm(x, { weight: labels, bias: labels }), /weight and bias must be \[3\]/],
  ["cross_entropy", () => crossEntropy(image, labels), /needs logits \[N, C\] and labels \[N\]/],
  ["input", () => input("", "float32", [1]), /needs a name/],
  ["input", () => input("z", "float32", [-1]), /non-negative integers/],
  ["constant", () => constant({ dtype: "float16", shape: [], data: new Uint16Array(1) }), /float16/],
];

for (const [op, build, message] of MISTAKES) {
  Deno.test(`${op} says ${message.source.replaceAll("\\", "")}`, () => {
    assert.throws(() => labelled("stem", () => labelled("part", build)), (error: Error) => {
      assert.ok(error instanceof GraphError);
      assert.match(error.message, message);
      assert.ok(error.message.startsWith(`${op} "stem.part": `), error.message);
      assert.match(error.message, /; given \(/);
      return true;
    });
  });
}

Deno.test("the interpreter refuses inputs that are missing or of another shape", () => {
  const built = program({ y: exp(x) });
  assert.throws(() => interpret(built, {}), /input "x" must be float32\[2,3\], but nothing was given/);
  assert.throws(() => interpret(built, { x: float32([3, 2], [1, 2, 3, 4, 5, 6]) }), /but shape \[3,2\]/);
});
