/** Compiled programs by key: how often they are built, where inputs come from, and what a failure leaves behind. */

import assert from "node:assert/strict";
import { DeviceError, FeedError } from "../../lib/runtime/errors.ts";
import { ProgramCache } from "../../lib/runtime/program_cache.ts";
import { program } from "../../lib/tensor/graph.ts";
import { float32 } from "../../lib/tensor/host_tensor.ts";
import { add, mul } from "../../lib/tensor/ops/arithmetic.ts";
import { input } from "../../lib/tensor/ops/source.ts";

const WEIGHTS = new Map([["weight", float32([1], [10])], ["bias", float32([1], [1])]]);

/** x·weight + bias for a vector of `length`, and how often it was built. */
function affine() {
  const built: number[] = [];
  const of = (length: number) => () => {
    built.push(length);
    const [x, weight, bias] = [["x", length], ["weight", 1], ["bias", 1]].map(([name, size]) =>
      input(name as string, "float32", [size as number])
    );
    return program({ y: add(mul(x, weight), bias) });
  };
  return { built, of };
}

Deno.test("a program is built once for each key, and again after a release", async () => {
  const programs = new ProgramCache({ threads: 1 });
  const { built, of } = affine();
  const run = async (length: number) => {
    const x = float32([length], new Float32Array(length).fill(2));
    const { y } = await programs.run(`${length}`, of(length), { x }, WEIGHTS);
    assert.deepEqual([...y.data as Float32Array], new Array(length).fill(21));
  };
  // Two runs at once share the program that is being compiled.
  await Promise.all([run(2), run(2), run(3)]);
  await run(2);
  assert.deepEqual(built, [2, 3]);
  await programs.release();
  await run(3);
  assert.deepEqual(built, [2, 3, 3]);
  await programs.release();
});

Deno.test("given values come before constants; what no input takes is ignored, what is missing is named", async () => {
  const programs = new ProgramCache({ threads: 1 });
  const { of } = affine();
  const x = float32([1], [2]);
  const given = { x, bias: float32([1], [5]), other: float32([1], [7]) };
  const { y } = await programs.run("", of(1), given, new Map([...WEIGHTS, ["unused", x]]));
  assert.deepEqual([...y.data as Float32Array], [25]);
  await assert.rejects(
    programs.run("", of(1), { x }, new Map([["bias", x]])),
    (error) =>
      error instanceof FeedError && /the input "weight", float32\[1\], is missing/.test(error.message),
  );
  await programs.release();
});

Deno.test("a program that can't be compiled is tried again, and does not keep others from being released", async () => {
  const programs = new ProgramCache({ runtime: "tfjs", device: "webgpu" });
  const { built, of } = affine();
  const run = () => programs.run("", of(1), { x: float32([1], [2]) }, WEIGHTS);
  await assert.rejects(run(), DeviceError);
  await assert.rejects(run(), DeviceError);
  assert.deepEqual(built, [1, 1]);
  await programs.release();
});
