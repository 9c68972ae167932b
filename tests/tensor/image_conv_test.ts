/** Every form of the first convolution and of its weight gradient against the interpreter. */

import { deepStrictEqual, ok, strictEqual } from "node:assert";
import { openSession } from "../../lib/runtime/session.ts";
import { targetOf } from "../../lib/runtime/target.ts";
import { gradients } from "../../lib/tensor/grad.ts";
import { program, type Step } from "../../lib/tensor/graph.ts";
import { elementCount, float32 } from "../../lib/tensor/host_tensor.ts";
import { interpret } from "../../lib/tensor/interpret.ts";
import { peakBytes } from "../../lib/tensor/memory.ts";
import { formKey } from "../../lib/tensor/onnx/program_writer.ts";
import { imageConv } from "../../lib/tensor/ops/image_conv.ts";
import { input } from "../../lib/tensor/ops/source.ts";
import { RandomStream } from "../../lib/tensor/random.ts";

const target = await targetOf("cpu");
const block = target.channelBlock ?? 16;

function trained(
  [batch, channels, height, width]: readonly number[],
  out: number,
  kernel: readonly number[],
  options: { stride: number; padding: number },
) {
  const x = input("x", "float32", [batch, channels, height, width]);
  const weight = input("weight", "float32", [out, channels, ...kernel]);
  const y = imageConv(x, weight, options);
  const [dw] = gradients([{ output: y, cotangent: input("dy", "float32", y.shape) }], [weight]);
  return program({ y, dw });
}

type Case = Parameters<typeof trained>;

const CASES: readonly Case[] = [
  [[block, 3, 12, 10], block, [7, 7], { stride: 2, padding: 3 }],
  // A last row and column that no tap reads.
  [[block, 3, 8, 6], 2 * block, [3, 3], { stride: 2, padding: 0 }],
  [[2 * block, 1, 5, 6], block, [3, 2], { stride: 1, padding: 1 }],
  [[2 * block, 4, 9, 9], 3 * block, [5, 3], { stride: 3, padding: 1 }],
  // Images or outputs that fill no block.
  [[3, 3, 9, 8], block, [3, 3], { stride: 2, padding: 1 }],
  [[block, 3, 9, 8], 5, [3, 3], { stride: 2, padding: 1 }],
];

for (const [shape, out, kernel, options] of CASES) {
  Deno.test(`image conv of [${shape}] with [${out}, ${shape[1]}, ${kernel}]: all forms agree with the interpreter`, async () => {
    const built = trained(shape, out, kernel, options);
    const stream = new RandomStream({ seed: 1, purpose: "image conv" });
    const feeds = Object.fromEntries(
      [...built.inputs].map(([name, number]) => {
        const { shape } = built.values[number];
        const values = Float32Array.from({ length: elementCount(shape) }, () => stream.uniform(-1, 1));
        return [name, float32(shape, values)];
      }),
    );
    const expected = interpret(built, feeds);
    for (const forms of choices(built.steps, built.values)) {
      const session = await openSession(built, { forms });
      const got = await session.run(feeds);
      await session.release();
      for (const [name, { shape, data }] of Object.entries(expected)) {
        deepStrictEqual([...got[name].shape], [...shape]);
        data.forEach((value: number | bigint, i: number) => {
          const [a, b] = [Number(got[name].data[i]), Number(value)];
          ok(
            Math.abs(a - b) <= 1e-4 * (1 + Math.abs(b)),
            `${JSON.stringify(forms)} ${name}[${i}]: ${a}, not ${b}`,
          );
        });
      }
    }
  });
}

/** For every form of every step, a table that selects it. */
function choices(steps: readonly Step[], values: Parameters<typeof formKey>[1]): Record<string, string>[] {
  return steps.flatMap(({ op, inputs, attributes }) => {
    const types = inputs.map((number) => values[number]);
    return (op.forms?.(types, target) ?? []).map((form) => ({ [formKey(op, types, attributes)]: form }));
  });
}

Deno.test("the weight gradient's form depends on the number of output channels", () => {
  const formsOf = (out: number) => {
    const { steps, values } = trained([32, 3, 16, 16], out, [7, 7], { stride: 2, padding: 3 });
    const { op, inputs } = steps.find(({ op }) => op.name === "image_conv2d_weight_gradient")!;
    return op.forms!(inputs.map((number) => values[number]), { channelBlock: 16 });
  };
  deepStrictEqual(formsOf(16), ["blocked", "products"]);
  deepStrictEqual(formsOf(64), ["products", "blocked"]);
  deepStrictEqual(formsOf(24), ["products"]);
});

Deno.test("the memory of the weight gradient counts the taps that its products read", () => {
  const built = trained([16, 3, 32, 32], 16, [7, 7], { stride: 2, padding: 3 });
  const taps = 49 * 3 * 16 * 16 * 16 * 4;
  strictEqual(peakBytes(built) > 2 * taps, true);
});
