/** Comparisons, logic and casts on ONNX Runtime and in the interpreter, NaN and infinities included. */

import assert from "node:assert";
import { program } from "../../lib/tensor/graph.ts";
import { float32, type HostTensor } from "../../lib/tensor/host_tensor.ts";
import { interpret } from "../../lib/tensor/interpret.ts";
import type { Tensor } from "../../lib/tensor/op.ts";
import {
  and,
  equal,
  greater,
  greaterEqual,
  less,
  lessEqual,
  or,
  where,
} from "../../lib/tensor/ops/arithmetic.ts";
import { cast, ceil, floor, not, sign } from "../../lib/tensor/ops/elementwise.ts";
import { oneHot } from "../../lib/tensor/ops/gather.ts";
import { input } from "../../lib/tensor/ops/source.ts";
import { runProgram } from "../conformance/run_program.ts";

const VALUES = [-Infinity, -1.5, -0.5, 0, 0.5, 1, 1.5, Infinity, NaN];

/** Every pair of the values. */
const feeds = {
  a: float32([81], VALUES.flatMap((a) => VALUES.map(() => a))),
  b: float32([81], VALUES.flatMap(() => VALUES)),
};

const [a, b] = [input("a", "float32", [81]), input("b", "float32", [81])];

async function check(build: Tensor, expected: (a: number, b: number) => number | boolean): Promise<void> {
  // Adding 0 makes -0 the 0 that it is equal to.
  const wanted = [...feeds.a.data].map((value, i) => Number(expected(value, feeds.b.data[i])) + 0);
  const numbers = ({ data }: HostTensor) => Array.from(data, Number).map((value) => value + 0);
  assert.deepStrictEqual(numbers(interpret(program({ y: build }), feeds).y), wanted);
  const results = await runProgram(new Map([["y", build]]), new Map(Object.entries(feeds)));
  assert.deepStrictEqual(numbers(results.get("y")!), wanted);
}

Deno.test("comparisons are false for NaN", async () => {
  await check(equal(a, b), (a, b) => a === b);
  await check(greater(a, b), (a, b) => a > b);
  await check(greaterEqual(a, b), (a, b) => a >= b);
  await check(less(a, b), (a, b) => a < b);
  await check(lessEqual(a, b), (a, b) => a <= b);
});

Deno.test("logic combines comparisons", async () => {
  const [positive, smaller] = [greater(a, 0), less(a, b)];
  await check(and(positive, smaller), (a, b) => a > 0 && a < b);
  await check(or(positive, smaller), (a, b) => a > 0 || a < b);
  await check(not(positive), (a) => !(a > 0));
  await check(where(and(positive, smaller), a, 7), (a, b) => a > 0 && a < b ? a : 7);
});

Deno.test("signs, roundings and casts of finite numbers", async () => {
  const finite = where(lessEqual(a, 1.5), where(greaterEqual(a, -1.5), a, 0), 0);
  const of = (f: (x: number) => number) => (x: number) => f(Math.abs(x) <= 1.5 ? x : 0);
  await check(sign(finite), of(Math.sign));
  await check(floor(finite), of(Math.floor));
  await check(ceil(finite), of(Math.ceil));
  await check(cast(finite, "int64"), of(Math.trunc));
  await check(cast(finite, "bool"), of((x) => Number(x !== 0)));
  await check(cast(cast(finite, "int32"), "float32"), of(Math.trunc));
});

Deno.test("oneHot puts the classes on a new last axis; a label outside of them is all 0", () => {
  const labels = input("labels", "int64", [2, 2]);
  const y = oneHot(labels, 3);
  assert.deepStrictEqual([...y.shape], [2, 2, 3]);
  const given = {
    labels: { dtype: "int64", shape: [2, 2], data: BigInt64Array.of(0n, 2n, 1n, 5n) } as const,
  };
  assert.deepStrictEqual([...interpret(program({ y }), given).y.data], [1, 0, 0, 0, 0, 1, 0, 1, 0, 0, 0, 0]);
});
