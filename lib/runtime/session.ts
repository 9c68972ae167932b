/** Runs tensor programs on onnxruntime: one session for every program, device and number of threads. */

import * as ort from "onnxruntime-node";
import type { Program } from "../tensor/graph.ts";
import { elementCount, type HostTensor } from "../tensor/host_tensor.ts";
import { emitOnnx } from "../tensor/onnx/emit.ts";
import { formatType, type TensorType } from "../tensor/op.ts";
import { type Device, deviceFailure } from "./device.ts";
import { FeedError } from "./errors.ts";
import { targetOf } from "./target.ts";

export interface SessionOptions {
  device?: Device;
  /** Threads within an operation; all of the machine's by default. Results do not depend on it. */
  threads?: number;
}

/** Values by the names of a program's inputs or outputs. */
export type NamedTensors = Readonly<Record<string, HostTensor>>;

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
  /** Frees what the session holds; it can't run any more. */
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
 * @param onDevice outputs that stay on a device that has memory of its own
 * @throws {DeviceError} when the device can't be used.
 */
export async function openOrt(
  program: Program,
  { device = "cpu", threads = navigator.hardwareConcurrency }: SessionOptions,
  onDevice: Iterable<string> = [],
): Promise<OrtSession> {
  const { bytes, digest } = emitOnnx(program, await targetOf(device));
  const locations = Object.fromEntries([...onDevice].map((name) => [name, "gpu-buffer" as const]));
  try {
    const session = await ort.InferenceSession.create(bytes, {
      executionProviders: device === "cpu" ? ["cpu"] : [device, "cpu"],
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
 * The session that runs `program`; the same one for equal programs, device and threads until it is released.
 *
 * @throws {DeviceError} when the device can't be used.
 */
export async function openSession(program: Program, options: SessionOptions = {}): Promise<Session> {
  const { digest } = emitOnnx(program);
  const key = JSON.stringify([digest, options.device ?? "cpu", options.threads ?? null]);
  let session = sessions.get(key);
  if (!session) {
    session = createSession(program, options, () => sessions.delete(key));
    session.catch(() => sessions.delete(key));
    sessions.set(key, session);
  }
  return await session;
}

async function createSession(
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
      const results = await session.run(feedsFor(program, inputs));
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

/**
 * onnxruntime's tensors over the memory of `inputs`, which must have a value for every input of the program but those
 * in `held`, and no other.
 *
 * @throws {FeedError}
 */
export function feedsFor(
  program: Program,
  inputs: NamedTensors,
  held: { has(name: string): boolean } = new Set(),
): Record<string, ort.Tensor> {
  for (const name of Object.keys(inputs)) {
    if (!program.inputs.has(name) || held.has(name)) {
      throw new FeedError(
        `the program takes no input "${name}"; its inputs are ${[...program.inputs.keys()].join(", ")}`,
      );
    }
  }
  const feeds: Record<string, ort.Tensor> = {};
  for (const [name, number] of program.inputs) {
    if (!held.has(name)) feeds[name] = checkedTensor(name, inputs[name], program.values[number]);
  }
  return feeds;
}

/** `value` as a tensor of onnxruntime, over the same memory; it must have the type that the input says. */
export function checkedTensor(name: string, value: HostTensor | undefined, type: TensorType): ort.Tensor {
  if (!value) throw new FeedError(`the input "${name}", ${formatType(type)}, is missing`);
  if (value.dtype !== type.dtype || value.shape.join() !== type.shape.join()) {
    throw new FeedError(
      `the input "${name}" must be ${formatType(type)}, but ${value.dtype}[${value.shape}] was given`,
    );
  }
  if (value.data.length !== elementCount(type.shape)) {
    throw new FeedError(
      `the input "${name}", ${formatType(type)}, has ${elementCount(type.shape)} elements, but its data ` +
        `${value.data.length}`,
    );
  }
  return new ort.Tensor(type.dtype as "float32", value.data as Float32Array, type.shape);
}

/** A result of onnxruntime, over the same memory. */
export function toHost({ type, data, dims }: ort.Tensor): HostTensor {
  return { dtype: type, shape: dims, data } as HostTensor;
}
