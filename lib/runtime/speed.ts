/**
 * Measures how fast a device computes what trainings consist of: products, convolutions, passes over tensors, moves of
 * their values, and the start of a session.
 */

import { cpuUsage } from "node:process";
import type { TimeCurve } from "../system/time_curve.ts";
import type { Program } from "../tensor/graph.ts";
import { elementCount, float32, type HostTensor } from "../tensor/host_tensor.ts";
import { type OperationKind, OPERATIONS, workOf } from "../tensor/program_cost.ts";
import { openSession } from "./session.ts";
import type { SessionOptions } from "./session_options.ts";
import { onePass, PROGRAMS, smallNetwork } from "./speed_programs.ts";

/** Each program runs at least so often, and for so long. The fastest run counts. */
const LEAST_RUNS = 3;
const LEAST_MS = 100;

/** What was measured, in the form that the engine reads (see `calibration` in lib/flow/kind.ts). */
export interface ComputeSpeed {
  /** Of large convolutions. */
  readonly flopPerSecond: number;
  readonly operations: Readonly<
    Record<OperationKind | "node" | "runtime", { readonly one: TimeCurve; readonly all: TimeCurve }>
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
  await (await openSession(onePass(), options)).release();
  const runtime: TimeCurve = [[1, elapsed() / 1000]];
  // Each process builds its programs with code that is not yet compiled, so that only the first network tells its time.
  const small = smallNetwork();
  await (await openSession(small, options)).release();
  const node: TimeCurve = [[1, elapsed() / 1000 / small.steps.length]];
  const one = await measured({ ...options, threads: 1 }, device === "cpu");
  const isWide = device === "cpu" && threads > 1;
  const all = isWide ? await measured(options, false) : one;
  const [flop, seconds] = all.convolution.at(-1)!;
  const both = (operation: OperationKind) => ({ one: one[operation], all: all[operation] });
  return {
    flopPerSecond: flop / seconds,
    operations: {
      product: both("product"),
      convolution: both("convolution"),
      image: both("image"),
      pass: both("pass"),
      move: both("move"),
      node: { one: node, all: node },
      runtime: { one: runtime, all: runtime },
    },
  };
}

/** With some number of threads. */
async function measured(
  options: SessionOptions,
  isOneThread: boolean,
): Promise<Record<OperationKind, TimeCurve>> {
  const curves: [OperationKind, TimeCurve][] = [];
  for (const operation of OPERATIONS) {
    const curve: [number, number][] = [];
    for (const make of PROGRAMS[operation]) {
      const measuring = make();
      const steps = workOf(measuring)[operation];
      const count = steps.reduce((sum, { count }) => sum + count, 0);
      const size = steps.reduce((sum, { size, count }) => sum + size * count, 0);
      const runMs = await timed(measuring, options, stopwatch(isOneThread));
      curve.push([size / count, runMs / 1000 / count]);
    }
    curves.push([operation, curve]);
  }
  return Object.fromEntries(curves) as Record<OperationKind, TimeCurve>;
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
