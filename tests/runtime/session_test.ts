/** Sessions: values, caching, and what they refuse. */

import { deepStrictEqual, notStrictEqual, rejects, strictEqual, throws } from "node:assert";
import { parseDevice } from "../../lib/runtime/device.ts";
import { DeviceError, FeedError } from "../../lib/runtime/errors.ts";
import { openSession } from "../../lib/runtime/session.ts";
import { sessionOptions } from "../../lib/runtime/session_options.ts";
import { program } from "../../lib/tensor/graph.ts";
import { float32, type HostTensor, int64 } from "../../lib/tensor/host_tensor.ts";
import { add } from "../../lib/tensor/ops/arithmetic.ts";
import { matmul } from "../../lib/tensor/ops/matmul.ts";
import { input } from "../../lib/tensor/ops/source.ts";

function affine() {
  const [x, weight, bias] = [[2, 3], [3, 2], [2]].map((shape, i) =>
    input(["x", "weight", "bias"][i], "float32", shape)
  );
  return program({ y: add(matmul(x, weight), bias) });
}

const VALUES = {
  x: float32([2, 3], [1, 2, 3, 4, 5, 6]),
  weight: float32([3, 2], [1, 0, 0, 1, 1, 1]),
  bias: float32([2], [10, 20]),
};

Deno.test("a session computes a program's outputs", async () => {
  const session = await openSession(affine());
  const { y } = await session.run(VALUES);
  deepStrictEqual([y.dtype, [...y.shape], [...y.data as Float32Array]], ["float32", [2, 2], [
    14,
    25,
    20,
    31,
  ]]);
  await session.release();
});

Deno.test("equal programs share a session until it is released; devices and threads do not", async () => {
  const session = await openSession(affine());
  strictEqual(await openSession(affine()), session);
  const single = await openSession(affine(), { threads: 1 });
  notStrictEqual(single, session);
  await session.release();
  const again = await openSession(affine());
  notStrictEqual(again, session);
  await Promise.all([again.release(), single.release()]);
});

Deno.test("a session refuses what does not fit its inputs and says what does", async (t) => {
  const session = await openSession(affine());
  const cases: Record<string, [Record<string, HostTensor>, RegExp]> = {
    missing: [{ x: VALUES.x, weight: VALUES.weight }, /the input "bias", float32\[2\], is missing/],
    unknown: [{ ...VALUES, scale: VALUES.bias }, /has no input "scale"; its inputs are x, weight, bias/],
    shape: [
      { ...VALUES, x: float32([3, 2], new Float32Array(6)) },
      /"x" must be float32\[2,3\], but float32\[3,2\]/,
    ],
    type: [{ ...VALUES, bias: int64([2], [1, 2]) }, /"bias" must be float32\[2\], but int64\[2\]/],
    length: [
      { ...VALUES, bias: { dtype: "float32", shape: [2], data: new Float32Array(3) } },
      /"bias", float32\[2\], has 2 elements, but its data 3/,
    ],
  };
  for (const [name, [values, message]] of Object.entries(cases)) {
    await t.step(name, () =>
      rejects(() => session.run(values), (error: Error) => {
        strictEqual(error instanceof FeedError, true, String(error));
        return message.test(error.message);
      }));
  }
  await session.release();
});

Deno.test("a session on TensorFlow.js computes the same, and is another one", async () => {
  const [tfjs, ort] = [await openSession(affine(), { runtime: "tfjs" }), await openSession(affine())];
  notStrictEqual(tfjs, ort);
  strictEqual(await openSession(affine(), { runtime: "tfjs", device: "cpu" }), tfjs);
  const { y } = await tfjs.run(VALUES);
  deepStrictEqual([y.dtype, [...y.data as Float32Array]], ["float32", [14, 25, 20, 31]]);
  await rejects(() => tfjs.run({ x: VALUES.x }), FeedError);
  await Promise.all([tfjs.release(), ort.release()]);
  notStrictEqual(await openSession(affine(), { runtime: "tfjs" }), tfjs);
  await rejects(
    () => openSession(affine(), { runtime: "tfjs", device: "webgpu" }),
    (error: Error) => error instanceof DeviceError && /"webgpu".*--device cuda or cpu/.test(error.message),
  );
});

Deno.test("an unknown device or runtime is refused by name", () => {
  throws(
    () => parseDevice("tpu"),
    (error: Error) => error instanceof DeviceError && /"tpu".*cpu, webgpu, cuda/.test(error.message),
  );
  strictEqual(parseDevice("cuda"), "cuda");
  const asked = { device: "webgpu", runtime: "ort", resources: { cpu: 3 } };
  deepStrictEqual(sessionOptions(asked), { device: "webgpu", runtime: "ort", threads: 3 });
  throws(
    () => sessionOptions({ ...asked, runtime: "torch" }),
    (error: Error) => error instanceof DeviceError && /"torch".*ort, tfjs/.test(error.message),
  );
});

Deno.test("a device that can't be used here is an error that says what to do", async () => {
  let session;
  try {
    session = await openSession(affine(), { device: "cuda" });
  } catch (error) {
    strictEqual(error instanceof DeviceError, true, String(error));
    strictEqual(
      /"cuda" can't be used: .+ONNXRUNTIME_NODE_INSTALL=cuda12/s.test((error as Error).message),
      true,
      String(error),
    );
    return;
  }
  // Where there is CUDA, it computes.
  const { y } = await session.run(VALUES);
  deepStrictEqual([...y.data as Float32Array], [14, 25, 20, 31]);
  await session.release();
});
