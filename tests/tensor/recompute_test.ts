/** Recomputation gives the same bits with less memory, for the training steps of all models. */

import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { type Backbone, resNetBackbone } from "../../lib/models/backbone.ts";
import { MODELS } from "../../lib/models/model_list.ts";
import type { PrototypeModel } from "../../lib/models/prototypes/prototype_model.ts";
import { gradientProgram } from "../../lib/models/training/step/batch_programs.ts";
import { optimiserGroups } from "../../lib/models/training/step/phase_training.ts";
import { openSession } from "../../lib/runtime/session.ts";
import { TfjsProgram } from "../../lib/runtime/tfjs/program.ts";
import { gradients } from "../../lib/tensor/grad.ts";
import { type Program, program } from "../../lib/tensor/graph.ts";
import { elementCount, float32, type HostTensor, int64 } from "../../lib/tensor/host_tensor.ts";
import { peakBytes } from "../../lib/tensor/memory.ts";
import { add, mul } from "../../lib/tensor/ops/arithmetic.ts";
import { sum } from "../../lib/tensor/ops/broadcast.ts";
import { checkpoint } from "../../lib/tensor/ops/checkpoint.ts";
import { exp, sigmoid } from "../../lib/tensor/ops/elementwise.ts";
import { input } from "../../lib/tensor/ops/source.ts";
import { flopOf } from "../../lib/tensor/program_cost.ts";
import { RandomStream } from "../../lib/tensor/random.ts";
import { fitted, recomputed } from "../../lib/tensor/recompute.ts";

const backbone = resNetBackbone({ block: "bottleneck", layers: [2, 1], width: 4, strides: [1, 2] });
const SIZES = { prototypesPerClass: 2, prototypes: 4, slots: 2, depth: 8 };

function stepOf(
  name: string,
  given: { readonly backbone?: Backbone; readonly shape?: readonly number[] } = {},
): { program: Program; model: PrototypeModel } {
  const { build, sees, architecture } = MODELS.find((known) => known.name === name)!;
  const own = Object.fromEntries(Object.entries(SIZES).filter(([key]) => key in architecture));
  const model = (build as (sizes: object, options: object) => PrototypeModel)(
    { backbone: given.backbone ?? backbone, classes: 3, ...own },
    {},
  );
  const parameters = optimiserGroups(model, "joint").flatMap(({ parameters }) => parameters);
  const shape = given.shape ?? (sees === "views" ? [2, 2, 3, 32, 32] : [4, 3, 32, 32]);
  return { program: gradientProgram(model, "joint", parameters, shape, 2).program, model };
}

function feedsOf({ inputs, values }: Program, model?: PrototypeModel): Record<string, HostTensor> {
  const stream = new RandomStream({ seed: 1, purpose: "recomputation" });
  const known = new Map<string, HostTensor>([
    ...model?.initialState(1) ?? [],
    ...Object.entries(model?.extraValues({ seed: 1, purpose: "training", epoch: 1, index: 0 }) ?? {}),
  ]);
  return Object.fromEntries(
    [...inputs].map(([name, number]) => {
      const { dtype, shape } = values[number];
      const count = elementCount(shape);
      if (known.has(name)) return [name, known.get(name)!];
      if (dtype === "int64") return [name, int64(shape, Array.from({ length: count }, (_, i) => i % 3))];
      return [name, float32(shape, Float32Array.from({ length: count }, () => stream.uniform(-1, 1)))];
    }),
  );
}

async function run(built: Program, feeds: Record<string, HostTensor>): Promise<Record<string, HostTensor>> {
  const session = await openSession(built, { threads: 1 });
  const results = await session.run(feeds);
  await session.release();
  return results;
}

function assertSameBits(got: Record<string, HostTensor>, expected: Record<string, HostTensor>): void {
  assert.deepEqual(Object.keys(got), Object.keys(expected));
  const bits = ({ data: { buffer, byteOffset, byteLength } }: HostTensor) =>
    Buffer.from(buffer, byteOffset, byteLength).toString("base64");
  for (const name of Object.keys(expected)) assert.equal(bits(got[name]), bits(expected[name]), name);
}

for (const { name } of MODELS) {
  Deno.test(`a joint step of ${name} has the same bits with recomputation`, async () => {
    const { program: plain, model } = stepOf(name);
    const feeds = feedsOf(plain, model);
    const expected = await run(plain, feeds);
    for (const count of [2, Infinity]) {
      const again = recomputed(plain, count);
      assertSameBits(await run(again, feeds), expected);
      const isAgain = again.steps.filter(({ label }) => label.startsWith("again")).length;
      assert.ok(isAgain > 10, `${isAgain} steps computed again`);
    }
  });
}

Deno.test("a ResNet-50 of the study takes less than half of the memory for at most 1.3 times the work", () => {
  const config = { block: "bottleneck", layers: [3, 4, 6, 3], width: 64, strides: [1, 2, 2, 2] } as const;
  const { program: plain } = stepOf("protomask", {
    backbone: resNetBackbone(config),
    shape: [2, 11, 3, 224, 224],
  });
  const again = recomputed(plain);
  assert.ok(peakBytes(again) < 0.45 * peakBytes(plain), `${peakBytes(again)} of ${peakBytes(plain)} bytes`);
  assert.ok(flopOf(again) < 1.3 * flopOf(plain));
});

/** A chain of `length` segments; each multiplies three values of the size of its checkpoint. */
function chain(length: number): Program {
  const x = input("x", "float32", [64]);
  let y = x;
  for (let i = 0; i < length; i++) y = checkpoint(mul(sigmoid(y), sigmoid(exp(mul(y, y)))));
  const [dx] = gradients(sum(y), [x]);
  return program({ y, dx });
}

Deno.test("only as much is recomputed as the memory asks for, first segments first", () => {
  const plain = chain(6);
  assert.equal(fitted(plain, peakBytes(plain)), plain);
  const peaks = Array.from({ length: 7 }, (_, count) => peakBytes(recomputed(plain, count)));
  assert.equal(peaks[0], peakBytes(plain));
  assert.equal(peakBytes(fitted(plain, peaks[2])), peaks[2]);
  assert.ok(peaks[2] < peaks[0]);
  assert.equal(peakBytes(fitted(plain, 0)), Math.min(...peaks));
});

Deno.test("every value is computed before it is used, and parts are in a row", () => {
  for (const plain of [chain(4), stepOf("protomask").program]) {
    const { steps, inputs } = recomputed(plain);
    const known = new Set(inputs.values());
    const left = new Set<number>();
    let current: number | undefined;
    for (const { inputs, outputs, part } of steps) {
      for (const value of inputs) assert.ok(known.has(value));
      for (const value of outputs) known.add(value);
      if (part === current) continue;
      if (current !== undefined) left.add(current);
      current = part;
      assert.ok(part === undefined || !left.has(part), `part ${part} begins twice`);
    }
  }
});

Deno.test("a value read from outside of its segment is right, and one that its own gradient waits for is kept", async () => {
  const x = input("x", "float32", [64]);
  const inner = exp(mul(x, x));
  const first = checkpoint(sigmoid(inner));
  // The second segment and the loss read what the first one computed before its checkpoint.
  const second = checkpoint(mul(sigmoid(first), inner));
  const loss = add(sum(second), sum(mul(inner, sigmoid(inner))));
  const [dx] = gradients(loss, [x]);
  const plain = program({ loss, dx });
  const feeds = feedsOf(plain);
  assertSameBits(await run(recomputed(plain), feeds), await run(plain, feeds));
});

Deno.test("TensorFlow.js runs a program with recomputation", async () => {
  const plain = chain(3);
  const feeds = feedsOf(plain);
  const [a, b] = [await TfjsProgram.open(plain), await TfjsProgram.open(recomputed(plain))];
  assertSameBits(await b.step(feeds), await a.step(feeds));
});
