/** ONNX emission: deterministic bytes, shared initializers, names, and agreement with the reference interpreter. */

import assert from "node:assert";
import { gradients } from "../../lib/tensor/grad.ts";
import { program } from "../../lib/tensor/graph.ts";
import { float32 } from "../../lib/tensor/host_tensor.ts";
import { emitOnnx } from "../../lib/tensor/onnx/emit.ts";
import { labelled, type Tensor } from "../../lib/tensor/op.ts";
import { add, mul } from "../../lib/tensor/ops/arithmetic.ts";
import { sum } from "../../lib/tensor/ops/broadcast.ts";
import { conv2d } from "../../lib/tensor/ops/conv.ts";
import { relu } from "../../lib/tensor/ops/elementwise.ts";
import { take } from "../../lib/tensor/ops/gather.ts";
import { max } from "../../lib/tensor/ops/order.ts";
import { reshape } from "../../lib/tensor/ops/shape.ts";
import { constant, full, input, iota } from "../../lib/tensor/ops/source.ts";
import { runProgram } from "../conformance/run_program.ts";

function trainStep(): Record<string, Tensor> {
  const x = input("x", "float32", [2, 3, 8, 8]);
  const weight = input("weight", "float32", [4, 3, 3, 3]);
  const loss = labelled("loss", () => sum(relu(labelled("stem", () => conv2d(x, weight, { padding: 1 })))));
  const [gradient] = gradients(loss, [weight]);
  return { loss, updated: add(weight, mul(gradient, -0.1)) };
}

Deno.test("a program built twice gives the same bytes", () => {
  const [first, second] = [trainStep(), trainStep()].map((outputs) => emitOnnx(program(outputs)));
  assert.deepStrictEqual(first.bytes, second.bytes);
  assert.strictEqual(first.digest, second.digest);
  assert.match(first.digest, /^[0-9a-f]{64}$/);
});

Deno.test("another attribute, shape or constant gives another digest", () => {
  const x = input("x", "float32", [2, 3]);
  const variants = [
    sum(x, { axes: [0] }),
    sum(x, { axes: [1] }),
    add(x, 1),
    add(x, 1.0000001),
    add(x, constant(float32([3], [1, 2, 3]))),
    add(input("x", "float32", [3, 2]), 1),
  ];
  const digests = variants.map((y) => emitOnnx(program({ y })).digest);
  assert.strictEqual(new Set(digests).size, variants.length);
});

Deno.test("equal constants are stored once", () => {
  const x = input("x", "float32", [1000]);
  const big = Array.from({ length: 1000 }, (_, i) => i / 7);
  const once = emitOnnx(program({ y: add(x, constant(float32([1000], big))) })).bytes.length;
  const y = mul(add(x, constant(float32([1000], big))), reshape(constant(float32([1, 1000], big)), [1000]));
  const twice = emitOnnx(program({ y })).bytes.length;
  assert.ok(once > 4000 && twice < once + 4000 + 500, `${once} and ${twice} bytes`);
  const same = add(add(x, constant(float32([1000], big))), constant(float32([1000], big)));
  assert.ok(emitOnnx(program({ y: same })).bytes.length < once + 200);
});

Deno.test("inputs, constants and one tensor under two names can be outputs", async () => {
  const x = input("v0", "float32", [2]);
  const y = relu(x);
  const outputs = new Map([["given", x], ["one", y], ["two", y], ["constant", full([2], 3)], [
    "zero",
    iota(2),
  ]]);
  const results = await runProgram(outputs, new Map([["v0", float32([2], [-1, 5])]]));
  assert.deepStrictEqual(
    [...results].map(([name, { data }]) => [name, ...[...data].map(Number)]),
    [["given", -1, 5], ["one", 0, 5], ["two", 0, 5], ["constant", 3, 3], ["zero", 0, 1]],
  );
});

Deno.test("names that look like generated ones do no harm", async () => {
  const [a, b] = [input("v1", "float32", [1]), input("v2", "float32", [1])];
  const outputs = new Map([["v0", add(mul(a, b), mul(a, 2))]]);
  const results = await runProgram(outputs, new Map([["v1", float32([1], [3])], ["v2", float32([1], [4])]]));
  assert.strictEqual(results.get("v0")!.data[0], 18);
});

Deno.test("only one of several outputs may be used", async () => {
  const x = input("x", "float32", [3]);
  const { indices } = max(x, 0);
  const results = await runProgram(
    new Map([["y", take(iota(3), 0, indices)]]),
    new Map([["x", float32([3], [1, 9, 2])]]),
  );
  assert.strictEqual(Number(results.get("y")!.data[0]), 1);
});
