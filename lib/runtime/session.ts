/** Runs tensor programs: one session for each program, runtime, device and number of threads. */

import * as ort from "onnxruntime-node";
import type { Program } from "../tensor/graph.ts";
import type { HostTensor } from "../tensor/host_tensor.ts";
import { emitOnnx } from "../tensor/onnx/emit.ts";
import { type Device, deviceFailure, executionProviders } from "./device.ts";
import { checkFeeds, type NamedTensors } from "./feeds.ts";
import type { SessionOptions } from "./session_options.ts";
import { targetOf } from "./target.ts";

/** A compiled program on a device. */
export interface Session {
  readonly program: Program;
  readonly device: Device;
  /** SHA-256 of the program's ONNX model. */
  readonly digest: string;
  /**
   * The program's outputs.
   *
   * @param inputs a value for every input; their memory is read, not copied, on the CPU
   * @throws {FeedError} when an input is missing or unknown, or has another shape or type than the program says.
   */
  run(inputs: NamedTensors): Promise<Record<string, HostTensor>>;
  /** Frees the session's memory; it can't run afterwards. */
  release(): Promise<void>;
}

/** What {@link openOrt} gives: the session of onnxruntime itself. */
export interface OrtSession {
  readonly ort: ort.InferenceSession;
  readonly digest: string;
}

/**
 * A session of onnxruntime, not cached.
 *
 * The graph is run as it is written: onnxruntime's own rewriting makes the training step slower (it merges matrix
 * transposes into general ones) and takes longer than the rest of the session's creation. Memory patterns are off,
 * because they need a third more memory.
 *
 * @param onDevice outputs to leave in device memory, if the device has its own
 * @throws {DeviceError} when the device can't be used.
 */
export async function openOrt(
  program: Program,
  { device = "cpu", threads = navigator.hardwareConcurrency, forms }: SessionOptions,
  onDevice: Iterable<string> = [],
): Promise<OrtSession> {
  const { bytes, digest } = emitOnnx(program, { ...await targetOf(device), forms });
  const locations = Object.fromEntries([...onDevice].map((name) => [name, "gpu-buffer" as const]));
  try {
    const session = await ort.InferenceSession.create(bytes, {
      executionProviders: executionProviders(device),
      graphOptimizationLevel: "disabled",
      intraOpNumThreads: threads,
      interOpNumThreads: 1,
      executionMode: "sequential",
      enableMemPattern: false,
      logSeverityLevel: 3,
      ...(device === "webgpu" ? { preferredOutputLocation: locations } : {}),
    });
    return { ort: session, digest };
  } catch (error) {
    throw deviceFailure(device, error);
  }
}

const sessions = new Map<string, Promise<Session>>();

/**
 * The session that runs `program`; the same one for equal programs and options until it is released.
 *
 * @throws {DeviceError} when the device or the runtime can't be used here.
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
export async function openSession(program: Program, options: SessionOptions = {}): Promise<Session> {
  const { digest } = emitOnnx(program);
  const { device = "cpu", runtime = "ort", threads = null, forms = null } = options;
  const key = JSON.stringify([digest, runtime, device, threads, forms]);
  let session = sessions.get(key);
  if (!session) {
    const create = runtime === "tfjs" ? createTfjsSession : createOrtSession;
    session = create(program, options, () => sessions.delete(key));
    session.catch(() => sessions.delete(key));
    sessions.set(key, session);
  }
  return await session;
}

async function createTfjsSession(
  program: Program,
  { device = "cpu" }: SessionOptions,
  forget: () => void,
): Promise<Session> {
  const { TfjsProgram } = await import("./tfjs/program.ts");
  const opened = await TfjsProgram.open(program, { device });
  return {
    program,
    device,
    digest: emitOnnx(program).digest,
    run: (inputs) => opened.step(inputs),
    release() {
      forget();
      return opened.release();
    },
  };
}

async function createOrtSession(
  program: Program,
  options: SessionOptions,
  forget: () => void,
): Promise<Session> {
  const { ort: session, digest } = await openOrt(program, options);
  return {
    program,
    device: options.device ?? "cpu",
    digest,
    async run(inputs) {
      checkFeeds(program, inputs);
      const feeds = Object.entries(inputs).map(([name, value]) => [name, toOrt(value)]);
      const results = await session.run(Object.fromEntries(feeds));
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

/** A tensor of onnxruntime over the memory of `value`. */
export function toOrt({ dtype, shape, data }: HostTensor): ort.Tensor {
  return new ort.Tensor(dtype as "float32", data as Float32Array, shape);
}

/** A result of onnxruntime, over the same memory. */
export function toHost({ type, data, dims }: ort.Tensor): HostTensor {
  return { dtype: type, shape: dims, data } as HostTensor;
}
