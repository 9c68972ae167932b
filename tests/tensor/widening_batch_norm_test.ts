/** The batch norm of widening convolutions against convolution and batch norm one after the other. */

import { strictEqual } from "node:assert";
import { openSession } from "../../lib/runtime/session.ts";
import { gradients } from "../../lib/tensor/grad.ts";
import { program } from "../../lib/tensor/graph.ts";
import { float32, type HostTensor } from "../../lib/tensor/host_tensor.ts";
import type { Tensor } from "../../lib/tensor/op.ts";
import { batchNorm } from "../../lib/tensor/ops/batch_norm.ts";
import { convChannelsLast } from "../../lib/tensor/ops/channels_last.ts";
import { input } from "../../lib/tensor/ops/source.ts";
import { wideningBatchNorm } from "../../lib/tensor/ops/widening_batch_norm.ts";
import { RandomStream } from "../../lib/tensor/random.ts";

const SHAPES = { x: [4, 6, 5, 8], weight: [32, 8, 1, 1], gamma: [32], beta: [32], dy: [4, 6, 5, 32] };

function filled(name: string, shape: readonly number[], shift: number): HostTensor {
  const values = new Float32Array(shape.reduce((a, b) => a * b, 1));
  new RandomStream({ seed: 1, purpose: name }).fillNormal(values, shift, 1);
  return float32(shape, values);
}

/** The largest difference of any result, over the largest value of that result. */
async function difference(values: Record<keyof typeof SHAPES, HostTensor>): Promise<number> {
  const [x, weight, gamma, beta, dy] = Object.entries(SHAPES).map(([name, shape]) =>
    input(name, "float32", shape)
  );
  const zeros = [input("mean", "float32", [32]), input("variance", "float32", [32])];
  const convolved = convChannelsLast(x, weight);
  const apart = batchNorm(convolved, {
    weight: gamma,
    bias: beta,
    runningMean: zeros[0],
    runningVar: zeros[1],
    training: true,
    axis: 3,
    momentum: 1,
  });
  const joined = wideningBatchNorm(x, weight, { weight: gamma, bias: beta });
  const outputs: Record<string, Tensor> = { "joined mean": joined.average, "apart mean": apart.runningMean };
  for (const [way, y] of Object.entries({ joined: joined.y, apart: apart.y })) {
    outputs[`${way} y`] = y;
    gradients([{ output: y, cotangent: dy }], [x, weight, gamma, beta]).forEach((gradient, i) =>
      outputs[`${way} gradient ${i}`] = gradient
    );
  }
  const session = await openSession(program(outputs));
  const statistics = {
    mean: float32([32], new Float32Array(32)),
    variance: float32([32], new Float32Array(32)),
  };
  const needed = Object.entries({ ...values, ...statistics }).filter(([name]) =>
    session.program.inputs.has(name)
  );
  const results = await session.run(Object.fromEntries(needed));
  await session.release();
  let worst = 0;
  for (const name of Object.keys(outputs).filter((name) => name.startsWith("joined "))) {
    const [a, b] = [results[name], results[name.replace("joined", "apart")]].map(({ data }) =>
      data as Float32Array
    );
    const largest = b.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
    a.forEach((value, i) => worst = Math.max(worst, Math.abs(value - b[i]) / largest));
  }
  return worst;
}

function values(shift: number) {
  const entries = Object.entries(SHAPES).map(([name, shape]) =>
    [name, filled(name, shape, name === "x" ? shift : 0)] as const
  );
  return Object.fromEntries(entries) as Record<keyof typeof SHAPES, HostTensor>;
}

Deno.test("results and gradients are those of convolution and batch norm", async () => {
  const worst = await difference(values(0));
  strictEqual(worst < 1e-5, true, `differs by ${worst}`);
});

Deno.test("a mean far from 0 costs no digits, since the input is centred first", async () => {
  const worst = await difference(values(20));
  strictEqual(worst < 1e-4, true, `differs by ${worst}`);
});

for (const scale of [1, 1e4]) {
  Deno.test(`a channel that is constant but for rounding gives its bias, inputs of size ${scale}`, async () => {
    const [x, weight, gamma, beta] = Object.entries(SHAPES).map(([name, shape]) =>
      input(name, "float32", shape)
    );
    const { y } = wideningBatchNorm(x, weight, { weight: gamma, bias: beta });
    const session = await openSession(program({ y }));
    const { dy: _, ...given } = values(0);
    // Two inputs that are always equal, taken with opposite signs.
    const pixels = given.x.data as Float32Array;
    for (let at = 0; at < pixels.length; at += 8) pixels[at + 1] = pixels[at] *= scale;
    (given.weight.data as Float32Array).fill(0, 0, 8).set([1, -1], 0);
    const results = await session.run(given);
    await session.release();
    const bias = (given.beta.data as Float32Array)[0];
    // What is left is the rounding of products of the input with 1/√eps.
    const allowed = 2 ** -22 * 4 * scale / Math.sqrt(1e-5);
    (results.y.data as Float32Array).forEach((value, i) => {
      if (i % 32 === 0) strictEqual(Math.abs(value - bias) <= allowed, true, `${value}, ${bias}`);
    });
  });
}
