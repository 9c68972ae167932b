/** A program that runs several times within another one: its values, its names and its errors. */

import assert from "node:assert/strict";
import { peakBytes } from "../../lib/tensor/memory.ts";
import { gradients } from "../../lib/tensor/grad.ts";
import { program } from "../../lib/tensor/graph.ts";
import { float32, type HostTensor, int64 } from "../../lib/tensor/host_tensor.ts";
import { interpret } from "../../lib/tensor/interpret.ts";
import { emitOnnx } from "../../lib/tensor/onnx/emit.ts";
import { GraphError, type Tensor } from "../../lib/tensor/op.ts";
import { add, mul, sub } from "../../lib/tensor/ops/arithmetic.ts";
import { sum } from "../../lib/tensor/ops/broadcast.ts";
import { checkpoint } from "../../lib/tensor/ops/checkpoint.ts";
import { exp, sigmoid, square } from "../../lib/tensor/ops/elementwise.ts";
import { loop } from "../../lib/tensor/ops/loop.ts";
import { input, zeros } from "../../lib/tensor/ops/source.ts";
import { flopOf, workOf } from "../../lib/tensor/program_cost.ts";
import { recomputed } from "../../lib/tensor/recompute.ts";
import { runProgram } from "../conformance/run_program.ts";

/** Outputs by the interpreter; onnxruntime must give the same. */
async function agreed(
  outputs: ReadonlyMap<string, Tensor>,
  feeds: Record<string, HostTensor>,
): Promise<Record<string, number[]>> {
  const expected = interpret(program(Object.fromEntries(outputs)), feeds);
  const got = await runProgram(outputs, new Map(Object.entries(feeds)));
  for (const [name, { shape, data }] of got) {
    assert.deepEqual(shape, expected[name].shape, name);
    assert.deepEqual([...data].map(Number), [...expected[name].data].map(Number), name);
  }
  return Object.fromEntries(
    Object.entries(expected).map(([name, { data }]) => [name, [...data].map(Number)]),
  );
}

/** Sums `x`, counts, and tells the sum so far times a factor. */
function summing(): ReturnType<typeof program> {
  const [held, x, factor] = ["held", "x", "factor"].map((name) => input(name, "float32", [2]));
  const next = add(held, x);
  return program({ next, told: mul(next, factor), counted: add(input("count", "int64", []), 1) });
}

const FEEDBACK = new Map([["next", "held"], ["counted", "count"]]);

Deno.test("what is carried, scanned, fixed and stacked, within another loop too", async () => {
  const inner = (turns: number, x: Tensor, held: Tensor, count: Tensor) =>
    loop(summing(), {
      turns,
      feedback: FEEDBACK,
      scanned: new Set(["x"]),
      inputs: new Map([["held", held], ["x", x], ["count", count], [
        "factor",
        input("factor", "float32", [2]),
      ]]),
    });
  const feeds = { factor: float32([2], [10, 100]), start: int64([], [5]) };
  const once = inner(3, input("x", "float32", [3, 2]), zeros([2]), input("start", "int64", []));
  const x = Float32Array.from({ length: 6 }, (_, i) => i + 1);
  assert.deepEqual(await agreed(once, { ...feeds, x: float32([3, 2], x) }), {
    next: [9, 12],
    counted: [8],
    told: [10, 200, 40, 600, 90, 1200],
  });
  const body = program(Object.fromEntries(
    inner(2, input("x", "float32", [2, 2]), input("held", "float32", [2]), input("count", "int64", [])),
  ));
  const nested = loop(body, {
    turns: 2,
    feedback: FEEDBACK,
    scanned: new Set(["x"]),
    inputs: new Map([
      ["held", zeros([2])],
      ["x", input("x", "float32", [2, 2, 2])],
      ["count", input("start", "int64", [])],
      ["factor", input("factor", "float32", [2])],
    ]),
  });
  const all = Float32Array.from({ length: 8 }, (_, i) => i + 1);
  assert.deepEqual(await agreed(nested, { ...feeds, x: float32([2, 2, 2], all) }), {
    next: [16, 20],
    counted: [9],
    told: [10, 200, 40, 600, 90, 1200, 160, 2000],
  });
});

Deno.test("what is handed through, swapped, returned twice, or made of nothing", async () => {
  const [a, b] = ["a", "b"].map((name) => input(name, "float32", [1]));
  const body = program({
    "a'": b,
    "b'": a,
    twice: b,
    again: b,
    nothing: zeros([1]),
    fixed: input("c", "float32", [1]),
  });
  const results = loop(body, {
    turns: 3,
    feedback: new Map([["a'", "a"], ["b'", "b"]]),
    scanned: new Set(),
    inputs: new Map([["a", input("a0", "float32", [1])], ["b", input("b0", "float32", [1])], [
      "c",
      input("c0", "float32", [1]),
    ]]),
  });
  assert.deepEqual(
    await agreed(results, { a0: float32([1], [1]), b0: float32([1], [2]), c0: float32([1], [7]) }),
    { "a'": [2], "b'": [1], twice: [2, 1, 2], again: [2, 1, 2], nothing: [0, 0, 0], fixed: [7, 7, 7] },
  );
});

Deno.test("a body with parts, of which one output is not read", async () => {
  const x = input("x", "float32", [64]);
  let y = x;
  for (let i = 0; i < 3; i++) y = checkpoint(mul(sigmoid(y), sigmoid(exp(mul(y, y)))));
  const [dx] = gradients(sum(y), [x]);
  const plain = program({ next: sub(x, mul(dx, 0.1)), loss: sum(y) });
  const start = input("start", "float32", [64]);
  const after = (body: typeof plain) =>
    loop(body, {
      turns: 4,
      feedback: new Map([["next", "x"]]),
      scanned: new Set(),
      inputs: new Map([["x", start]]),
    }).get("next")!;
  const feeds = new Map([["start", float32([64], Float32Array.from({ length: 64 }, (_, i) => i / 32 - 1))]]);
  const [once, again] = [plain, recomputed(plain)].map((body) => new Map([["next", after(body)]]));
  assert.deepEqual(await runProgram(again, feeds), await runProgram(once, feeds));
  assert.notEqual(
    emitOnnx(program({ y: after(plain) })).digest,
    emitOnnx(program({ y: after(recomputed(plain)) })).digest,
  );
});

Deno.test("work and memory count every turn of a body", () => {
  const x = input("x", "float32", [100]);
  const body = program({ next: sum(square(x)), y: square(x) });
  const all = loop(body, { turns: 5, feedback: new Map(), scanned: new Set(), inputs: new Map([["x", x]]) });
  const whole = program({ y: all.get("y")! });
  assert.equal(flopOf(whole), 5 * flopOf(body));
  const passes = (of: typeof body) => workOf(of).pass.reduce((total, { count }) => total + count, 0);
  assert.equal(passes(whole), 5 * passes(body));
  assert.ok(peakBytes(whole) >= 5 * 400 + peakBytes(body));
});

Deno.test("another body, other turns, or another order is another program; equal loops are one step", () => {
  const x = input("x", "float32", [2]);
  const body = (factor: number) =>
    program({ next: mul(input("held", "float32", [2]), factor), y: input("b", "float32", []) });
  const looped = (factor: number, turns: number) =>
    loop(body(factor), {
      turns,
      feedback: new Map([["next", "held"]]),
      scanned: new Set(),
      inputs: new Map([["held", x], ["b", zeros([])]]),
    }).get("next")!;
  const steps = (a: Tensor, b: Tensor) =>
    program({ y: add(a, b) }).steps.filter(({ op }) => op.name === "loop").length;
  assert.equal(steps(looped(2, 3), looped(2, 3)), 1);
  assert.equal(steps(looped(2, 3), looped(3, 3)), 2);
  assert.equal(steps(looped(2, 3), looped(2, 4)), 2);
});

Deno.test("a value that is missing or does not fit is named", () => {
  const good = {
    turns: 3,
    feedback: FEEDBACK,
    scanned: new Set(["x"]),
    inputs: new Map<string, Tensor>([
      ["held", zeros([2])],
      ["x", zeros([3, 2])],
      ["count", zeros([], "int64")],
      ["factor", zeros([2])],
    ]),
  };
  loop(summing(), good);
  const wrong = (more: Partial<typeof good>, message: RegExp) =>
    assert.throws(
      () => loop(summing(), { ...good, ...more }),
      (error) => error instanceof GraphError && message.test(error.message) && error.message.length < 200,
    );
  const changed = (name: string, value?: Tensor) => {
    const inputs = new Map(good.inputs);
    if (value) inputs.set(name, value);
    else inputs.delete(name);
    return { inputs };
  };
  wrong(changed("factor"), /input "factor" has no value/);
  wrong(changed("held", zeros([3])), /"held" must be float32\[2\], not float32\[3\]/);
  wrong(changed("x", zeros([2])), /"x" must be float32\[3,2\], not float32\[2\]/);
  wrong(changed("count", zeros([])), /"count" must be int64\[\], not float32\[\]/);
  wrong({ turns: 0 }, /turns must be a positive integer.*turns=0/);
  wrong({ turns: 1.5 }, /turns must be a positive integer/);
  wrong({ feedback: new Map([["nothing", "held"]]) }, /no output "nothing"/);
  wrong({ feedback: new Map([["next", "nothing"]]) }, /no input "nothing"/);
  wrong({ feedback: new Map([["next", "count"]]) }, /can't be carried to "count"/);
});
