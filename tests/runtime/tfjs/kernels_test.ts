/** Every operation and its gradients on TensorFlow.js against the interpreter. */

import { deepStrictEqual, strictEqual } from "node:assert";
import { tfjsOperations, TfjsProgram } from "../../../lib/runtime/tfjs/program.ts";
import { gradients } from "../../../lib/tensor/grad.ts";
import { program } from "../../../lib/tensor/graph.ts";
import { elementCount, float32, type HostTensor } from "../../../lib/tensor/host_tensor.ts";
import { interpret } from "../../../lib/tensor/interpret.ts";
import { definedOps, type Tensor } from "../../../lib/tensor/op.ts";
import { argmin } from "../../../lib/tensor/ops/order.ts";
import { add, div, greater, mul, pow, sub } from "../../../lib/tensor/ops/arithmetic.ts";
import { cast } from "../../../lib/tensor/ops/elementwise.ts";
import { loop } from "../../../lib/tensor/ops/loop.ts";
import { rowsWhere } from "../../../lib/tensor/ops/rows_where.ts";
import { reshape } from "../../../lib/tensor/ops/shape.ts";
import { sliceAxis } from "../../../lib/tensor/ops/slice.ts";
import { constant, input } from "../../../lib/tensor/ops/source.ts";
import { topk } from "../../../lib/tensor/ops/order.ts";
import { RandomStream } from "../../../lib/tensor/random.ts";
import { int64 } from "../../../lib/tensor/host_tensor.ts";
import { GRADIENT_CASES } from "../../tensor/gradient_cases.ts";

const seen = new Set<string>();

async function agree(outputs: Record<string, Tensor>, range: readonly [number, number]): Promise<void> {
  const built = program(outputs);
  for (const { op } of built.steps) seen.add(op.name);
  const stream = new RandomStream({ seed: 1, purpose: "tfjs" });
  const feeds: Record<string, HostTensor> = {};
  for (const [name, number] of built.inputs) {
    const { shape } = built.values[number];
    feeds[name] = float32(
      shape,
      Float32Array.from({ length: elementCount(shape) }, () => stream.uniform(...range)),
    );
  }
  const expected = interpret(built, feeds);
  const opened = await TfjsProgram.open(built);
  const got = await opened.step(feeds);
  opened.release();
  for (const [name, wanted] of Object.entries(expected)) {
    const given = got[name];
    deepStrictEqual([given.dtype, [...given.shape]], [wanted.dtype, [...wanted.shape]], name);
    wanted.data.forEach((value: number | bigint, i: number) => {
      const [a, b] = [Number(given.data[i]), Number(value)];
      strictEqual(Math.abs(a - b) <= 1e-4 * (1 + Math.abs(b)), true, `${name}[${i}]: ${a}, interpreted ${b}`);
    });
  }
}

for (const { name, shapes, build, range } of GRADIENT_CASES) {
  Deno.test(`TensorFlow.js agrees with the interpreter: ${name}`, async () => {
    const inputs = shapes.map((shape, i) => input(`x${i}`, "float32", shape));
    const y = build(...inputs);
    const outputs: Record<string, Tensor> = { y };
    if (y.dtype === "float32") {
      const cotangent = input("dy", "float32", y.shape);
      gradients([{ output: y, cotangent }], inputs).forEach((gradient, i) =>
        outputs[`gradient ${i}`] = gradient
      );
    }
    await agree(outputs, range ?? [-1, 1]);
  });
}

Deno.test("TensorFlow.js agrees with the interpreter: integers", async () => {
  const x = input("x", "float32", [3, 4]);
  const whole = cast(x, "int64");
  const seven = constant(int64([4], [7, -7, 5, -5]));
  await agree({
    whole,
    quotient: div(seven, constant(int64([4], [2, 2, -3, -3]))),
    power: pow(whole, 2),
    argmin: argmin(x, 1, { keepdim: true }),
    smallest: topk(x, 2, 0, { largest: false }).indices,
    bytes: cast(cast(x, "bool"), "uint8"),
  }, [-5, 5]);
});

Deno.test("TensorFlow.js agrees with the interpreter: a loop", async () => {
  const [held, x, factor] = ["held", "x", "factor"].map((name) => input(name, "float32", [2]));
  const results = loop(program({ next: mul(add(held, x), factor), told: sub(held, x) }), {
    turns: 3,
    feedback: new Map([["next", "held"]]),
    scanned: new Set(["x"]),
    inputs: new Map([["held", held], ["x", input("all", "float32", [3, 2])], ["factor", factor]]),
  });
  await agree(Object.fromEntries(results), [-1, 1]);
});

Deno.test("TensorFlow.js agrees with the interpreter: rows by a condition", async () => {
  const x = input("x", "float32", [5, 2]);
  const first = reshape(sliceAxis(x, 1, 0, 1), [5]);
  await agree({ some: rowsWhere(x, greater(first, 0)), none: rowsWhere(x, greater(first, 9)) }, [-1, 1]);
});

Deno.test("every operation that ONNX Runtime runs is run on TensorFlow.js too", () => {
  const emitted = [...definedOps().values()].filter(({ emit, interpret }) => emit && interpret).map((
    { name },
  ) => name);
  deepStrictEqual(emitted.filter((name) => !tfjsOperations().includes(name)), []);
});

Deno.test("every operation on TensorFlow.js was compared", () => {
  deepStrictEqual(tfjsOperations().filter((name) => !seen.has(name)), []);
});
