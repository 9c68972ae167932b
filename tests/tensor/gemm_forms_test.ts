/** The forms of a product with a transposed matrix: where the copy is the default, and that forms agree. */

import { ok, strictEqual } from "node:assert";
import { openSession } from "../../lib/runtime/session.ts";
import { program } from "../../lib/tensor/graph.ts";
import { elementCount, float32 } from "../../lib/tensor/host_tensor.ts";
import { emitOnnx, formKey } from "../../lib/tensor/onnx/emit.ts";
import { gemm } from "../../lib/tensor/ops/gemm.ts";
import { input } from "../../lib/tensor/ops/source.ts";
import { RandomStream } from "../../lib/tensor/random.ts";

const ROWS = 4096;

function product(left: number, right: number) {
  const [a, b] = [input("a", "float32", [ROWS, left]), input("b", "float32", [ROWS, right])];
  return program({ y: gemm(a, b, { transposeA: true }) });
}

function random(shape: readonly number[], purpose: string) {
  const data = new Float32Array(elementCount(shape));
  new RandomStream({ seed: 1, purpose }).fillUniform(data, -1, 1);
  return float32(shape, data);
}

/** How often the model of the program has a node of the type, by the text of its bytes. */
function nodes(built: ReturnType<typeof program>, type: string): number {
  const text = new TextDecoder("latin1").decode(emitOnnx(built, { channelBlock: 8 }).bytes);
  return text.split(type).length - 1;
}

for (const [left, right] of [[64, 64], [64, 96], [96, 64]]) {
  Deno.test(`aᵀ·b with ${left} and ${right} columns agrees in all forms`, async () => {
    const built = product(left, right);
    const [{ op, attributes, inputs }] = built.steps.filter(({ op }) => op.name === "gemm");
    const key = formKey(op, inputs.map((number) => built.values[number]), attributes);
    const feeds = { a: random([ROWS, left], "a"), b: random([ROWS, right], "b") };
    const results = [];
    for (const form of ["copied", "in place"]) {
      const session = await openSession(built, { threads: 1, forms: { [key]: form } });
      results.push((await session.run(feeds)).y);
      await session.release();
    }
    const [copied, inPlace] = results.map(({ data }) => Array.from(data as Float32Array));
    strictEqual(copied.length, left * right);
    copied.forEach((value, i) => ok(Math.abs(value - inPlace[i]) < 1e-3, `${value} and ${inPlace[i]}`));
  });
}

Deno.test("only a large matrix with wide sides is copied, and only where kernels have blocks", () => {
  strictEqual(nodes(product(64, 64), "Transpose"), 1);
  strictEqual(nodes(product(16, 64), "Transpose"), 0);
  strictEqual(nodes(product(64, 16), "Transpose"), 0);
  const built = product(64, 64);
  ok(emitOnnx(built, {}).bytes.length < emitOnnx(built, { channelBlock: 8 }).bytes.length);
});

Deno.test("products of one matrix share its copy", () => {
  const a = input("a", "float32", [ROWS, 64]);
  const right = ["b", "c", "d"].map((name) => input(name, "float32", [ROWS, 64]));
  const built = program(
    Object.fromEntries(right.map((b, i) => [`y${i}`, gemm(a, b, { transposeA: true })])),
  );
  strictEqual(nodes(built, "Transpose"), 1);
  strictEqual(nodes(built, "Gemm"), 3);
});
