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
   * @param inputs a value for every input; on the CPU their memory is read without copying
   * @throws {FeedError} if an input is missing or unknown, or has the wrong shape or type.
   */
  run(inputs: NamedTensors): Promise<Record<string, HostTensor>>;
  /** Frees the session's memory. The session can't be used afterwards. */
  release(): Promise<void>;
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
 * third more memory.
 *
 * @param onDevice outputs to leave in device memory, if the device has its own
 * @throws {DeviceError} if the device can't be used.
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
 * Opens a session for `program`. Equal programs and options share one session until it is released.
 *
 * @throws {DeviceError} if the device or the runtime can't be used on this machine.
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

/** An onnxruntime tensor that shares the memory of a host tensor. */
export function toOrt({ dtype, shape, data }: HostTensor): ort.Tensor {
  return new ort.Tensor(dtype as "float32", data as Float32Array, shape);
}

/** A host tensor that shares the memory of an onnxruntime tensor. */
export function toHost({ type, data, dims }: ort.Tensor): HostTensor {
  return { dtype: type, shape: dims, data } as HostTensor;
}
