/**
 * Measures how fast a device computes what trainings consist of: products, passes over tensors, and the start of a
 * session.
 */

import { cpuUsage } from "node:process";
import { secondsAt, type TimeCurve } from "../system/time_curve.ts";
import { gradients } from "../tensor/grad.ts";
import { type Program, program } from "../tensor/graph.ts";
import { elementCount, float32, type HostTensor } from "../tensor/host_tensor.ts";
import { add, mul } from "../tensor/ops/arithmetic.ts";
import { conv2d } from "../tensor/ops/conv.ts";
import { sum } from "../tensor/ops/broadcast.ts";
import { relu, square } from "../tensor/ops/elementwise.ts";
import { input } from "../tensor/ops/source.ts";
import { flopOf, workOf } from "../tensor/program_cost.ts";
import { openSession } from "./session.ts";
import type { SessionOptions } from "./session_options.ts";

/** Each program runs at least so often, and for so long. The fastest run counts. */
const LEAST_RUNS = 3;
const LEAST_MS = 100;

/** Convolutions with their gradients: views, channels and side of a map, from the smallest to a block of a ResNet-50. */
const BLOCKS: readonly (readonly [views: number, channels: number, side: number])[] = [
  [1, 8, 8],
  [16, 16, 16],
  [64, 32, 16],
  [16, 128, 28],
];
const BLOCK_DEPTH = 2;
/** With their gradients some hundred steps, as many as a small network has. */
const NETWORK_DEPTH = 12;
/** Elements of a tensor that passes go over; the last ones fit no cache. */
const PASSES = [1_000, 60_000, 4_000_000] as const;
const PASSES_IN_A_ROW = 16;

/** What was measured, in the form that the engine reads (see `calibration` in lib/flow/kind.ts). */
export interface ComputeSpeed {
  /** Of large products. */
  readonly flopPerSecond: number;
  readonly operations: Readonly<
    Record<"product" | "pass" | "node" | "runtime", { readonly one: TimeCurve; readonly all: TimeCurve }>
  >;
}

/**
 * Measures a device with one thread and with all that were assigned.
 *
 * @throws {DeviceError} if the device or the runtime can't be used on this machine.
 */
export async function measureSpeed(options: SessionOptions): Promise<ComputeSpeed> {
  const { device = "cpu", threads = 1 } = options;
  const elapsed = stopwatch(device === "cpu");
  await (await openSession(passes(1), options)).release();
  const runtime: TimeCurve = [[1, elapsed() / 1000]];
  // Each process builds its programs with code that is not yet compiled, so that only the first network tells its time.
  const network = block(1, 4, 8, NETWORK_DEPTH);
  await (await openSession(network, options)).release();
  const node: TimeCurve = [[1, elapsed() / 1000 / network.steps.length]];
  const one = await measured({ ...options, threads: 1 }, device === "cpu");
  const isWide = device === "cpu" && threads > 1;
  const all = isWide ? await measured(options, false) : one;
  return {
    flopPerSecond: all.flopPerSecond,
    operations: {
      product: { one: one.product, all: all.product },
      pass: { one: one.pass, all: all.pass },
      node: { one: node, all: node },
      runtime: { one: runtime, all: runtime },
    },
  };
}

/** With some number of threads. */
interface Measured {
  readonly flopPerSecond: number;
  readonly product: TimeCurve;
  readonly pass: TimeCurve;
}

async function measured(options: SessionOptions, isOneThread: boolean): Promise<Measured> {
  const pass: [number, number][] = [];
  for (const size of PASSES) {
    const runMs = await timed(passes(size), options, stopwatch(isOneThread));
    pass.push([size, runMs / 1000 / PASSES_IN_A_ROW]);
  }
  const product: [number, number][] = [];
  let flopPerSecond = 0;
  for (const shape of BLOCKS) {
    const measuring = block(...shape, BLOCK_DEPTH);
    const work = workOf(measuring);
    const runMs = await timed(measuring, options, stopwatch(isOneThread));
    const passing = work.pass.reduce((sum, { size }) => sum + secondsAt(pass, size), 0);
    const flop = work.product.reduce((sum, { size }) => sum + size, 0);
    const { length } = work.product;
    // Where passes seem to take all the time, what is left for products is mostly noise.
    const seconds = Math.max(runMs / 1000 - passing, runMs / 4000);
    product.push([flop / length, seconds / length]);
    flopPerSecond = flopOf(measuring) / runMs * 1000;
  }
  return { flopPerSecond, product, pass };
}

/** Convolutions with all their gradients. */
function block(views: number, channels: number, side: number, depth: number): Program {
  const x = input("x", "float32", [views, channels, side, side]);
  const weights = Array.from(
    { length: depth },
    (_, i) => input(`w${i}`, "float32", [channels, channels, 3, 3]),
  );
  const y = weights.reduce((map, weight) => relu(conv2d(map, weight, { padding: 1 })), x);
  const loss = sum(square(y));
  const found = gradients(loss, [x, ...weights]);
  return program({ loss, ...Object.fromEntries(found.map((gradient, i) => [`g${i}`, gradient])) });
}

/** Passes over a tensor. */
function passes(elements: number): Program {
  const x = input("x", "float32", [elements]);
  const [scale, shift] = [input("scale", "float32", [1]), input("shift", "float32", [elements])];
  let y = x;
  for (let i = 0; i < PASSES_IN_A_ROW / 4; i++) y = relu(add(add(mul(y, scale), shift), x));
  return program({ y });
}

/** The time of a program's fastest run. */
async function timed(measuring: Program, options: SessionOptions, elapsed: () => number): Promise<number> {
  const feeds = feedsOf(measuring);
  const session = await openSession(measuring, options);
  let runMs = Infinity;
  const until = performance.now() + LEAST_MS;
  for (let run = 0; run < LEAST_RUNS || performance.now() < until; run++) {
    elapsed();
    await session.run(feeds);
    runMs = Math.min(runMs, elapsed());
  }
  await session.release();
  return runMs;
}

function feedsOf({ inputs, values }: Program): Record<string, HostTensor> {
  return Object.fromEntries([...inputs].map(([name, value]) => {
    const { shape } = values[value];
    return [name, float32(shape, new Float32Array(elementCount(shape)).fill(0.01))];
  }));
}

/**
 * Milliseconds since the last call. On one thread those of the CPU count if they are fewer: then the machine has other
 * work to do, too.
 */
function stopwatch(isOneThread: boolean): () => number {
  let [wall, cpu] = [performance.now(), cpuMs()];
  return () => {
    const [wallBefore, cpuBefore] = [wall, cpu];
    [wall, cpu] = [performance.now(), cpuMs()];
    return isOneThread ? Math.min(wall - wallBefore, cpu - cpuBefore) : wall - wallBefore;
  };
}

function cpuMs(): number {
  const { user, system } = cpuUsage();
  return (user + system) / 1000;
}
