/** Gradients against central finite differences in float64, for every operation that has a rule. */

import assert from "node:assert";
import { readdirSync, readFileSync } from "node:fs";
import { gradients } from "../../lib/tensor/grad.ts";
import { type Program, program } from "../../lib/tensor/graph.ts";
import { elementCount } from "../../lib/tensor/host_tensor.ts";
import { interpretValues } from "../../lib/tensor/interpret.ts";
import { definedOps, type Node, type Tensor, type Values } from "../../lib/tensor/op.ts";
import { input } from "../../lib/tensor/ops/source.ts";
import { RandomStream } from "../../lib/tensor/random.ts";
import type { GradientCase } from "./gradient_case.ts";
import { GRADIENT_CASES } from "./gradient_cases.ts";

const STEP = 1e-5;
const TOLERANCE = 1e-7;

/** Operations whose gradient is by design another one than the derivative; graph_test.ts checks them. */
const SURROGATES = ["stop_gradient", "straight_through"];

function randomValues(
  shape: readonly number[],
  stream: RandomStream,
  [low, high]: readonly [number, number],
) {
  const data = new Float64Array(elementCount(shape));
  for (let i = 0; i < data.length; i++) data[i] = stream.uniform(low, high);
  return { shape, data };
}

interface BuiltCase {
  y: Tensor;
  forward: Program;
  backward: Program;
}

function buildCase({ shapes, build }: GradientCase): BuiltCase {
  const inputs = shapes.map((shape, i) => input(`x${i}`, "float32", shape));
  const y = build(...inputs);
  const cotangent = input("dy", "float32", y.shape);
  const results = gradients([{ output: y, cotangent }], inputs);
  const backward = program(Object.fromEntries(results.map((gradient, i) => [`g${i}`, gradient])));
  return { y, forward: program({ y }), backward };
}

const dot = (a: Values, b: Values) => a.data.reduce((total, value, i) => total + value * b.data[i], 0);

/** (f(x + h) − f(x − h)) / 2h of f = Σ y · dy for one element. */
function difference(forward: Program, feeds: Record<string, Values>, name: string, at: number): number {
  const shifted = (by: number) => {
    const x = { shape: feeds[name].shape, data: feeds[name].data.slice() };
    x.data[at] += by;
    return dot(interpretValues(forward, { ...feeds, [name]: x }).y, feeds.dy);
  };
  return (shifted(STEP) - shifted(-STEP)) / (2 * STEP);
}

for (const testCase of GRADIENT_CASES) {
  Deno.test(`gradient of ${testCase.name}`, () => {
    const { y, forward, backward } = buildCase(testCase);
    const stream = new RandomStream({ seed: 1, purpose: `gradient ${testCase.name}` });
    const feeds: Record<string, Values> = { dy: randomValues(y.shape, stream, [-1, 1]) };
    testCase.shapes.forEach((shape, i) =>
      feeds[`x${i}`] = randomValues(shape, stream, testCase.range ?? [-1, 1])
    );
    const results = interpretValues(backward, feeds);
    testCase.shapes.forEach((shape, i) => {
      assert.deepStrictEqual([...results[`g${i}`].shape], [...shape]);
      results[`g${i}`].data.forEach((gradient, at) => {
        const expected = difference(forward, feeds, `x${i}`, at);
        assert.ok(
          Math.abs(gradient - expected) <= TOLERANCE * (1 + Math.abs(expected)),
          `input ${i}, element ${at}: gradient ${gradient}, finite difference ${expected}`,
        );
      });
    });
  });
}

function addNames(node: Node, seen: Set<Node>): void {
  if (seen.has(node)) return;
  seen.add(node);
  for (const { node: next } of [...node.inputs, ...(node.lowered ?? [])]) addNames(next, seen);
}

Deno.test("every operation with a derivative has a case", async () => {
  const folder = new URL("../../lib/tensor/ops/", import.meta.url);
  const composites = new Set<string>();
  for (const file of readdirSync(folder)) {
    await import(new URL(file, folder).href);
    const source = readFileSync(new URL(file, folder), "utf8");
    for (const [, name] of source.matchAll(/\bcomposite\(\s*"(\w+)"/g)) composites.add(name);
  }
  const differentiable = [...definedOps().values()].filter(({ vjp }) => vjp).map(({ name }) => name);
  const nodes = new Set<Node>();
  for (const testCase of GRADIENT_CASES) addNames(buildCase(testCase).y.node, nodes);
  const covered = new Set([...nodes].map(({ op }) => op.name));
  const missing = [...differentiable, ...composites].filter((name) =>
    !covered.has(name) && !SURROGATES.includes(name)
  );
  assert.deepStrictEqual(missing, [], "operations without a case in gradient_cases.ts");
  assert.ok(differentiable.length > 40 && composites.size > 4);
});
