/** Measures how fast a device computes what trainings consist of: convolutions and both their gradients. */

import { gradients } from "../tensor/grad.ts";
import { type Program, program } from "../tensor/graph.ts";
import { elementCount, float32 } from "../tensor/host_tensor.ts";
import { conv2d } from "../tensor/ops/conv.ts";
import { sum } from "../tensor/ops/broadcast.ts";
import { relu, square } from "../tensor/ops/elementwise.ts";
import { input } from "../tensor/ops/source.ts";
import { flopOf } from "../tensor/program_cost.ts";
import { RandomStream } from "../tensor/random.ts";
import { openSession } from "./session.ts";
import type { SessionOptions } from "./session_options.ts";

const RUNS = 5;

/** The middle block of a ResNet-50 on 16 views of 224 × 224: a pointwise, a 3 × 3 and a pointwise convolution. */
function block(): Program {
  const x = input("x", "float32", [16, 512, 28, 28]);
  const weights = [[128, 512, 1, 1], [128, 128, 3, 3], [512, 128, 1, 1]].map((shape, i) =>
    input(`w${i}`, "float32", shape)
  );
  const y = weights.reduce((map, weight) => relu(conv2d(map, weight, { padding: weight.shape[2] >> 1 })), x);
  const loss = sum(square(y));
  const found = gradients(loss, [x, ...weights]);
  return program({
    loss,
    ...Object.fromEntries(found.map((gradient, i) => [`g${i}`, sum(square(gradient))])),
  });
}

/**
 * FLOP a second, by the fastest of a few runs.
 *
 * @throws {DeviceError} if the device or the runtime can't be used on this machine.
 */
export async function measureSpeed(options: SessionOptions): Promise<number> {
  const measured = block();
  const stream = new RandomStream({ seed: 0, purpose: "calibration" });
  const feeds = Object.fromEntries([...measured.inputs].map(([name, value]) => {
    const { shape } = measured.values[value];
    const values = new Float32Array(elementCount(shape));
    stream.fillUniform(values, -0.1, 0.1);
    return [name, float32(shape, values)];
  }));
  const session = await openSession(measured, options);
  let best = Infinity;
  for (let run = 0; run < RUNS; run++) {
    const start = performance.now();
    await session.run(feeds);
    best = Math.min(best, performance.now() - start);
  }
  await session.release();
  return flopOf(measured) / best * 1000;
}
