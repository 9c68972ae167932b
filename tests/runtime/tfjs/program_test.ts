/** Training on TensorFlow.js against ONNX Runtime, and what can't be run. */

import { deepStrictEqual, rejects, strictEqual, throws } from "node:assert";
import { createRequire } from "node:module";
import * as tf from "@tensorflow/tfjs-core";
import { DeviceError, FeedError } from "../../../lib/runtime/errors.ts";
import { ResidentProgram } from "../../../lib/runtime/resident.ts";
import { useBackend } from "../../../lib/runtime/tfjs/backend.ts";
import { placeOnBackend, TfjsProgram } from "../../../lib/runtime/tfjs/program.ts";
import { sgd } from "../../../lib/nn/optim/sgd.ts";
import { program } from "../../../lib/tensor/graph.ts";
import { float32 } from "../../../lib/tensor/host_tensor.ts";
import { apply1, defineOp } from "../../../lib/tensor/op.ts";
import { add } from "../../../lib/tensor/ops/arithmetic.ts";
import { input } from "../../../lib/tensor/ops/source.ts";
import { relativeDifference } from "../../relative_difference.ts";
import { smallTraining } from "../small_training.ts";

const config = { block: "bottleneck", layers: [1, 1], width: 4, strides: [1, 2] } as const;
const training = smallTraining(config, [2, 3, 32, 32], sgd({ momentum: 0.9 }));

Deno.test("training steps on TensorFlow.js agree with ONNX Runtime and leave no tensor behind", async () => {
  const { program, feedback, state, inputs } = training;
  const [ort, tfjs] = [
    await ResidentProgram.open(program, { feedback, state }),
    await TfjsProgram.open(program, { feedback, state }),
  ];
  const held = tf.memory().numTensors;
  for (let step = 1; step <= 2; step++) {
    const [a, b] = [await tfjs.step(inputs(step)), await ort.step(inputs(step))];
    strictEqual(relativeDifference(a.loss, b.loss) < 1e-4, true, `the loss of step ${step}`);
    strictEqual(tf.memory().numTensors, held);
  }
  const [after, expected] = [await tfjs.read(), await ort.read()];
  deepStrictEqual([...after.keys()].sort(), [...expected.keys()].sort());
  for (const [name, value] of after) {
    const difference = relativeDifference(value, expected.get(name)!);
    strictEqual(difference < 1e-3, true, `${name} differs by ${difference} of its norm`);
  }
  await tfjs.release();
  await ort.release();
  strictEqual(tf.memory().numTensors, held - state.size);
});

Deno.test("TensorFlow.js refuses inputs that do not fit", async () => {
  const opened = await TfjsProgram.open(program({ y: add(input("x", "float32", [2]), 1) }));
  await rejects(() => opened.step({}), FeedError);
  await rejects(() => opened.step({ x: float32([3], [1, 2, 3]) }), FeedError);
  deepStrictEqual([...(await opened.step({ x: float32([2], [1, 2]) })).y.data as Float32Array], [2, 3]);
});

Deno.test("what is lent is not disposed of, neither by who borrows it nor by steps of others", async () => {
  const x = input("x", "float32", [2]);
  const before = tf.memory().numTensors;
  const { loan, release } = await placeOnBackend(new Map([["c", float32([2], [1, 2])]]), {});
  const counter = await TfjsProgram.open(program({ next: add(x, input("c", "float32", [2])) }), {
    feedback: new Map([["next", "x"]]),
    state: new Map([["x", float32([2], [0, 0])]]),
  });
  const reader = await TfjsProgram.open(program({ y: add(x, 10) }));
  for (const expected of [[11, 12], [12, 14]]) {
    await counter.step({}, loan);
    deepStrictEqual([...(await reader.step({}, counter.lend(["x"]))).y.data as Float32Array], expected);
  }
  await rejects(() => counter.step({}), /input "c".+missing/);
  throws(() => counter.lend(["y"]), FeedError);
  await Promise.all([counter.release(), reader.release(), release()]);
  strictEqual(tf.memory().numTensors, before);
});

Deno.test("an operation that TensorFlow.js does not run is named", async () => {
  const op = defineOp<Record<never, never>>({ name: "of_this_test_only", infer: ([x]) => [x] });
  const built = program({ y: apply1(op, [input("x", "float32", [2])], {}) });
  await rejects(() => TfjsProgram.open(built), /does not support the operation of_this_test_only/);
});

Deno.test("where tfjs-node-gpu can't be loaded, the error says why and what to do", async () => {
  try {
    await useBackend("cuda");
  } catch (error) {
    strictEqual(error instanceof DeviceError, true, String(error));
    strictEqual(
      /tfjs-node-gpu can't be loaded: .+scripts\/install\.js gpu download.+--runtime ort/s.test(
        (error as Error).message,
      ),
      true,
    );
    // CommonJS modules, as those of the package, see what is put back.
    const seen = createRequire(import.meta.url)("util");
    deepStrictEqual([null, undefined, 0].map(seen.isNullOrUndefined), [true, true, false]);
    return;
  } finally {
    await useBackend("cpu");
  }
});
