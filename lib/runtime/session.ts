/** Runs tensor programs: one session for each program, runtime, device and number of threads. */

import * as ort from "onnxruntime-node";
import type { Program } from "../tensor/graph.ts";
import type { HostTensor } from "../tensor/host_tensor.ts";
import { emitOnnx } from "../tensor/onnx/emit.ts";
import { loopOf } from "../tensor/ops/loop.ts";
import { bytesOf } from "../tensor/values.ts";
import { type Device, deviceFailure, executionProviders } from "./device.ts";
import { checkFeed, checkFeeds, type NamedTensors } from "./feeds.ts";
import { lentInputs, type Loan, type OrtLoan } from "./lent.ts";
import type { SessionOptions } from "./session_options.ts";
import { targetOf } from "./target.ts";
import type { TfjsLoan } from "./tfjs/program.ts";

/** A compiled program on a device. */
export interface Session {
  readonly program: Program;
  readonly device: Device;
  /** SHA-256 of the program's ONNX model, without the values of constants. */
  readonly digest: string;
  /**
   * The program's outputs.
   *
   * @param inputs a value for every input that is neither a constant nor lent; on the CPU their memory is read
   * without copying
   * @param loans values of other inputs, in the memory of the same runtime; values that are not inputs are ignored
   * @throws {FeedError} if an input is missing or unknown, or has the wrong shape or type.
   */
  run(inputs: NamedTensors, ...loans: Loan[]): Promise<Record<string, HostTensor>>;
  /** Frees the session's memory. The session can't be used afterwards. */
  release(): Promise<void>;
}

/** How a session of onnxruntime is given values and returns them. */
export interface Placement {
  /** Outputs to leave in device memory, if the device has its own. */
  readonly onDevice?: Iterable<string>;
  /** Values of inputs that never change; the session copies them to its device when it is created. */
  readonly constants?: ReadonlyMap<string, HostTensor>;
}

/** The result of {@link openOrt}: a session of onnxruntime. */
export interface OrtSession {
  readonly ort: ort.InferenceSession;
  readonly digest: string;
}

/**
 * A session of onnxruntime, not cached.
 *
 * Graph optimisations are off: they make the training step slower (they merge matrix transposes into general
 * ones) and take longer than the rest of the session's creation. Memory patterns are off, because they need a
 * third more memory. A program in parts is to hold little, so what it frees goes back to the system: an arena keeps it, and
 * in pieces that do not fit the next value it took half as much again. Constants are not packed: a packed matrix is multiplied in another order, so with other bits than
 * one that is an input.
 *
 * @throws {DeviceError} if the device can't be used.
 */
export async function openOrt(
  program: Program,
  { device = "cpu", threads = navigator.hardwareConcurrency, forms }: SessionOptions,
  { onDevice = [], constants = new Map() }: Placement = {},
): Promise<OrtSession> {
  const target = { ...await targetOf(device), forms };
  const { bytes, digest } = emitOnnx(program, target, constants);
  const locations = Object.fromEntries([...onDevice].map((name) => [name, "gpu-buffer" as const]));
  try {
    const session = await ort.InferenceSession.create(bytes, {
      executionProviders: executionProviders(device),
      graphOptimizationLevel: "disabled",
      intraOpNumThreads: threads,
      interOpNumThreads: 1,
      executionMode: "sequential",
      enableMemPattern: false,
      enableCpuMemArena: !hasParts(program),
      logSeverityLevel: 3,
      extra: { session: { disable_prepacking: "1" } },
      externalData: [...constants].map(([path, value]) => ({ path, data: bytesOf(value) })),
      ...(device === "webgpu" ? { preferredOutputLocation: locations } : {}),
    });
    return { ort: session, digest: constants.size === 0 ? digest : emitOnnx(program, target).digest };
  } catch (error) {
    throw deviceFailure(device, error);
  }
}

/** Whether it computes values again, because memory is short. */
export function hasParts({ steps }: Program): boolean {
  return steps.some((step) => {
    const loop = loopOf(step);
    return step.part !== undefined || (loop !== undefined && hasParts(loop.body));
  });
}

const sessions = new Map<string, Promise<Session>>();

/**
 * Opens a session for `program`. Equal programs and options share one session until it is released, except those with
 * constants.
 *
 * @param constants values of inputs, copied to the device of the session once; values that are not inputs are ignored
 * @throws {DeviceError} if the device or the runtime can't be used on this machine.
 * @throws {FeedError} if a constant has another type than its input.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { program } from "../tensor/graph.ts";
 * import { float32 } from "../tensor/host_tensor.ts";
 * import { input } from "../tensor/ops/source.ts";
 * import { square } from "../tensor/ops/elementwise.ts";
 * import { openSession } from "./session.ts";
 *
 * const session = await openSession(program({ y: square(input("x", "float32", [2])) }), { threads: 1 });
 * const { y } = await session.run({ x: float32([2], [3, 4]) });
 * await session.release();
 * assert.deepEqual([...y.data], [9, 16]);
 * ```
 */
export async function openSession(
  program: Program,
  options: SessionOptions = {},
  constants: ReadonlyMap<string, HostTensor> = new Map(),
): Promise<Session> {
  const read = new Map([...constants].filter(([name]) => program.inputs.has(name)));
  for (const [name, value] of read) checkFeed(name, value, program.values[program.inputs.get(name)!]);
  const open = options.runtime === "tfjs" ? createTfjsSession : createOrtSession;
  if (read.size > 0) return await open(program, options, () => {}, read);
  const { digest } = emitOnnx(program);
  const { device = "cpu", runtime = "ort", threads = null, forms = null } = options;
  const key = JSON.stringify([digest, runtime, device, threads, forms]);
  let session = sessions.get(key);
  if (!session) {
    session = open(program, options, () => sessions.delete(key), read);
    session.catch(() => sessions.delete(key));
    sessions.set(key, session);
  }
  return await session;
}

async function createTfjsSession(
  program: Program,
  { device = "cpu" }: SessionOptions,
  forget: () => void,
  constants: ReadonlyMap<string, HostTensor>,
): Promise<Session> {
  const { placeOnBackend, TfjsProgram } = await import("./tfjs/program.ts");
  const opened = await TfjsProgram.open(program, { device });
  const placed = await placeOnBackend(constants, { device });
  return {
    program,
    device,
    digest: emitOnnx(program).digest,
    run: (inputs, ...loans) => opened.step(inputs, placed.loan, ...loans as TfjsLoan[]),
    async release() {
      forget();
      await placed.release();
      await opened.release();
    },
  };
}

async function createOrtSession(
  program: Program,
  options: SessionOptions,
  forget: () => void,
  constants: ReadonlyMap<string, HostTensor>,
): Promise<Session> {
  const { ort: session, digest } = await openOrt(program, options, { constants });
  return {
    program,
    device: options.device ?? "cpu",
    digest,
    async run(inputs, ...loans) {
      const lent = lentInputs(program, loans as OrtLoan[]);
      checkFeeds(program, inputs, { has: (name) => lent.has(name) || constants.has(name) });
      const feeds: Record<string, ort.Tensor> = Object.fromEntries(lent);
      for (const [name, value] of Object.entries(inputs)) feeds[name] = toOrt(value);
      const results = await session.run(feeds);
      return Object.fromEntries(
        [...program.outputs.keys()].map((name) => [name, toHost(results[name])]),
      );
    },
    async release() {
      forget();
      await session.release();
    },
  };
}

/** An onnxruntime tensor that shares the memory of a host tensor. */
export function toOrt({ dtype, shape, data }: HostTensor): ort.Tensor {
  return new ort.Tensor(dtype as "float32", data as Float32Array, shape);
}

/** A host tensor that shares the memory of an onnxruntime tensor. */
export function toHost({ type, data, dims }: ort.Tensor): HostTensor {
  return { dtype: type, shape: dims, data } as HostTensor;
}
