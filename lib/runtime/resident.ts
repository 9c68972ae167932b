/** A program that runs repeatedly and feeds some of its outputs back as inputs of the next run: a training step. */

import * as ort from "onnxruntime-node";
import { type Program, program } from "../tensor/graph.ts";
import { arrayType, elementCount, type HostTensor } from "../tensor/host_tensor.ts";
import type { TensorType } from "../tensor/op.ts";
import { input } from "../tensor/ops/source.ts";
import { FeedError } from "./errors.ts";
import { checkFeed, checkFeeds, type NamedTensors } from "./feeds.ts";
import { collectGarbage } from "./garbage.ts";
import { inPlaceOutputs } from "./in_place.ts";
import { lentInputs, type OrtLoan, typeOf } from "./lent.ts";
import { hasParts, openOrt, toHost, toOrt } from "./session.ts";
import type { SessionOptions } from "./session_options.ts";

export interface ResidentOptions extends SessionOptions {
  /** For each output that is fed back, the input that receives it. */
  feedback: ReadonlyMap<string, string>;
  /** Initial values of these inputs; they are copied. */
  state: ReadonlyMap<string, HostTensor>;
}

/**
 * Holds the state of a program between runs in the memory of the device: on a GPU in device buffers, on the
 * CPU in memory that the program overwrites in place or by double buffering.
 */
export class ResidentProgram {
  readonly #program: Program;
  readonly #session: ort.InferenceSession;
  readonly #feedback: ReadonlyMap<string, string>;
  readonly #current: Map<string, ort.Tensor>;
  /** The memory for each output; undefined if the device allocates it. */
  readonly #spare: Map<string, ort.Tensor> | undefined;
  readonly #options: SessionOptions;
  readonly #onCpu: boolean;
  /** Whether memory is short. */
  readonly #isShort: boolean;
  #failed = false;

  private constructor(
    program: Program,
    session: ort.InferenceSession,
    feedback: ReadonlyMap<string, string>,
    current: Map<string, ort.Tensor>,
    options: SessionOptions,
  ) {
    this.#program = program;
    this.#session = session;
    this.#feedback = feedback;
    this.#current = current;
    this.#options = options;
    this.#onCpu = hasHostMemory(options);
    this.#isShort = hasParts(program);
    if (!this.#onCpu) return;
    const inPlace = inPlaceOutputs(program, feedback);
    this.#spare = new Map(
      [...feedback].map(([output, input]) => [
        output,
        inPlace.has(output) ? current.get(input)! : copyOf(current.get(input)!, false),
      ]),
    );
  }

  /**
   * @throws {FeedError} if the feedback names unknown inputs or outputs or connects different types, or if
   * the state lacks a value.
   * @throws {DeviceError} if the device can't be used.
   */
  static async open(
    program: Program,
    { feedback, state, ...options }: ResidentOptions,
  ): Promise<ResidentProgram> {
    const current = new Map<string, ort.Tensor>();
    for (const [output, input] of feedback) {
      const type = fedBackType(program, output, input);
      const value = state.get(input);
      checkFeed(input, value, type);
      current.set(input, copyOf(toOrt(value), true));
    }
    const onDevice = hasHostMemory(options) ? [] : feedback.keys();
    const { ort: session } = await openOrt(program, options, { onDevice });
    return new ResidentProgram(program, session, feedback, current, options);
  }

  /**
   * Runs the program once.
   *
   * @param inputs values of the inputs that are neither fed back nor in a loan
   * @param loans values of other inputs, not copied; values that are not inputs of the program are ignored
   * @returns the outputs that are not fed back
   * @throws {FeedError} if an input is missing or has the wrong type.
   */
  async step(inputs: NamedTensors, ...loans: OrtLoan[]): Promise<Record<string, HostTensor>> {
    this.#check();
    const held = new Map([...lentInputs(this.#program, loans), ...this.#current]);
    checkFeeds(this.#program, inputs, held);
    const feeds: Record<string, ort.Tensor> = Object.fromEntries(held);
    for (const [name, value] of Object.entries(inputs)) feeds[name] = toOrt(value);
    const fetches: Record<string, ort.Tensor | null> = {};
    for (const name of this.#program.outputs.keys()) fetches[name] = this.#spare?.get(name) ?? null;
    if (this.#onCpu && this.#isShort) collectGarbage();
    // A failed run loses state that is overwritten in place.
    this.#failed = true;
    const results = await this.#session.run(feeds, fetches);
    this.#failed = false;
    for (const [output, input] of this.#feedback) {
      const before = this.#current.get(input)!;
      this.#current.set(input, this.#spare?.get(output) ?? results[output]);
      if (this.#spare) this.#spare.set(output, before);
      else if (before.location === "gpu-buffer") before.dispose();
    }
    const rest = [...this.#program.outputs.keys()].filter((name) => !this.#feedback.has(name));
    return Object.fromEntries(rest.map((name) => [name, toHost(results[name])]));
  }

  /** The named values of the state, without copying; valid until the next step or write. */
  lend(names: Iterable<string>): OrtLoan {
    this.#check();
    return new Map([...names].map((name) => [name, this.#stateTensor(name)]));
  }

  /** Copies of the named values of the state; by default of all values. */
  async read(names: Iterable<string> = this.#current.keys()): Promise<Map<string, HostTensor>> {
    this.#check();
    const tensors = new Map([...names].map((name) => [name, this.#stateTensor(name)]));
    if (!this.#onCpu) return await download(tensors, this.#options);
    return new Map([...tensors].map(([name, tensor]) => [name, toHost(copyOf(tensor, true))]));
  }

  /** Replaces the named values of the state by copies of `values`. */
  write(values: ReadonlyMap<string, HostTensor>): void {
    this.#check();
    for (const [name, value] of values) {
      const before = this.#stateTensor(name);
      checkFeed(name, value, typeOf(before));
      if (this.#onCpu) {
        (before.data as Float32Array).set(value.data as Float32Array);
      } else {
        if (before.location === "gpu-buffer") before.dispose();
        this.#current.set(name, copyOf(toOrt(value), true));
      }
    }
  }

  async release(): Promise<void> {
    for (const tensor of this.#current.values()) if (tensor.location === "gpu-buffer") tensor.dispose();
    await this.#session.release();
  }

  #stateTensor(name: string): ort.Tensor {
    const tensor = this.#current.get(name);
    if (tensor) return tensor;
    throw new FeedError(`"${name}" is not part of the state; it has ${[...this.#current.keys()].join(", ")}`);
  }

  #check(): void {
    if (this.#failed) {
      throw new Error(
        "a run of this program failed, so its state is lost; open the program again from a saved state",
      );
    }
  }
}

/** Copies constant values to the memory of a device; does not copy them if the device uses host memory. */
export async function placeOnDevice(
  values: ReadonlyMap<string, HostTensor>,
  options: SessionOptions,
): Promise<{ loan: OrtLoan; release(): Promise<void> }> {
  const given = new Map([...values].map(([name, value]) => [name, toOrt(value)]));
  if (hasHostMemory(options) || values.size === 0) return { loan: given, release: () => Promise.resolve() };
  const { tensors, session } = await handThrough(given, options, true);
  return {
    loan: tensors,
    async release() {
      for (const tensor of tensors.values()) tensor.dispose();
      await session.release();
    },
  };
}

/** Whether state is in host memory. This includes CUDA, because the binding has no tensors in CUDA memory. */
function hasHostMemory({ device }: SessionOptions): boolean {
  return device !== "webgpu";
}

function fedBackType(program: Program, output: string, input: string): TensorType {
  const [from, to] = [program.outputs.get(output), program.inputs.get(input)];
  if (from === undefined) throw new FeedError(`the program has no output "${output}" to feed back`);
  if (to === undefined) {
    throw new FeedError(`the program has no input "${input}" to feed "${output}" back to`);
  }
  const [a, b] = [program.values[from], program.values[to]];
  if (a.dtype !== b.dtype || a.shape.join() !== b.shape.join()) {
    throw new FeedError(
      `the output "${output}", ${a.dtype}[${a.shape}], can't be fed back to "${input}", ${b.dtype}[${b.shape}]`,
    );
  }
  return b;
}

/** A separate tensor of the same type, with the same values or zeros. */
function copyOf({ type, dims, data }: ort.Tensor, values: boolean): ort.Tensor {
  const copy = values
    ? (data as Float32Array).slice()
    : new (arrayType(type as "float32"))(elementCount(dims));
  return new ort.Tensor(type as "float32", copy, dims);
}

/** Copies the values of tensors on a device to the host. */
async function download(
  tensors: ReadonlyMap<string, ort.Tensor>,
  options: SessionOptions,
): Promise<Map<string, HostTensor>> {
  const { tensors: values, session } = await handThrough(tensors, options, false);
  await session.release();
  return new Map([...values].map(([name, tensor]) => [name, toHost(tensor)]));
}

/**
 * Copies values to the device or to the host by a program that returns its inputs. Device buffers are valid
 * only as long as the session that created them.
 */
async function handThrough(
  tensors: ReadonlyMap<string, ort.Tensor>,
  options: SessionOptions,
  toDevice: boolean,
): Promise<{ tensors: Map<string, ort.Tensor>; session: ort.InferenceSession }> {
  const outputOf = (name: string) => `out ${name}`;
  const outputs = [...tensors].map(([name, tensor]) => {
    const { dtype, shape } = typeOf(tensor);
    return [outputOf(name), input(name, dtype, shape)] as const;
  });
  const onDevice = toDevice ? outputs.map(([name]) => name) : [];
  const { ort: session } = await openOrt(program(Object.fromEntries(outputs)), options, { onDevice });
  const results = await session.run(Object.fromEntries(tensors));
  return { tensors: new Map([...tensors.keys()].map((name) => [name, results[outputOf(name)]])), session };
}
