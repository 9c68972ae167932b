/** Runs tensor programs on TensorFlow.js, operation by operation. */

import * as tf from "@tensorflow/tfjs-core";
import type { Program, Step } from "../../tensor/graph.ts";
import type { HostTensor } from "../../tensor/host_tensor.ts";
import type { TensorType } from "../../tensor/op.ts";
import { loopOf } from "../../tensor/ops/loop.ts";
import { hostFrom } from "../../tensor/values.ts";
import type { Device } from "../device.ts";
import { FeedError } from "../errors.ts";
import { checkFeed, checkFeeds, type NamedTensors } from "../feeds.ts";
import { useBackend } from "./backend.ts";
import { ELEMENTWISE, upload } from "./elementwise.ts";
import type { Kernel } from "./kernel.ts";
import { loopKernel } from "./loop.ts";
import { PRODUCTS } from "./products.ts";
import { STRUCTURE } from "./structure.ts";

const KERNELS: Readonly<Record<string, Kernel>> = {
  ...ELEMENTWISE,
  ...STRUCTURE,
  ...PRODUCTS,
  loop: loopKernel,
};

/** The names of the operations that TensorFlow.js supports. */
export function tfjsOperations(): string[] {
  return Object.keys(KERNELS);
}

/** Values in the backend's memory that its programs can share. */
export type TfjsLoan = ReadonlyMap<string, tf.Tensor>;

/** Copies constant values to the backend of a device. */
export async function placeOnBackend(
  values: ReadonlyMap<string, HostTensor>,
  { device = "cpu" }: { device?: Device },
): Promise<{ loan: TfjsLoan; release(): Promise<void> }> {
  await useBackend(device);
  const loan = new Map([...values].map(([name, value]) => [name, upload(value)]));
  return {
    loan,
    release() {
      for (const tensor of loan.values()) tensor.dispose();
      return Promise.resolve();
    },
  };
}

/** A program on TensorFlow.js that keeps state between runs. */
export class TfjsProgram {
  readonly #program: Program;
  readonly #feedback: ReadonlyMap<string, string>;
  /** The state in the backend's memory, by input. */
  readonly #state = new Map<string, tf.Tensor>();

  private constructor(program: Program, feedback: ReadonlyMap<string, string>) {
    this.#program = program;
    this.#feedback = feedback;
  }

  /**
   * @param feedback for each output that is fed back, the input that receives it
   * @param state initial values of these inputs
   * @throws {DeviceError} if the backend can't be loaded.
   * @throws {FeedError} if the state lacks a value or a value has the wrong type.
   * @throws {TypeError} if TensorFlow.js does not support an operation of the program.
   */
  static async open(
    program: Program,
    { device = "cpu", feedback = new Map(), state = new Map() }: {
      device?: Device;
      feedback?: ReadonlyMap<string, string>;
      state?: ReadonlyMap<string, HostTensor>;
    } = {},
  ): Promise<TfjsProgram> {
    const unknown = unknownStep(program);
    if (unknown) {
      throw new TypeError(
        `TensorFlow.js does not support the operation ${unknown.op.name} "${unknown.label}"`,
      );
    }
    for (const input of feedback.values()) {
      checkFeed(input, state.get(input), program.values[program.inputs.get(input)!]);
    }
    await useBackend(device);
    const opened = new TfjsProgram(program, feedback);
    opened.write(new Map([...feedback.values()].map((input) => [input, state.get(input)!])));
    return opened;
  }

  /**
   * Runs the program once.
   *
   * @param inputs values of the inputs that are neither fed back nor in a loan
   * @param loans values of other inputs, not copied; values that are not inputs of the program are ignored
   * @returns the outputs that are not fed back
   * @throws {FeedError} if an input is missing or has the wrong type.
   */
  async step(inputs: NamedTensors, ...loans: TfjsLoan[]): Promise<Record<string, HostTensor>> {
    const { values, outputs } = this.#program;
    const held = new Map([...loans.flatMap((loan) => [...loan]), ...this.#state]);
    checkFeeds(this.#program, inputs, held);
    const given = new Map(Object.entries(inputs).map(([name, value]) => [name, upload(value)]));
    const results = runSteps(this.#program, new Map([...held, ...given]));
    for (const tensor of given.values()) tensor.dispose();
    const returned: Record<string, HostTensor> = {};
    for (const [name, tensor] of results) {
      const input = this.#feedback.get(name);
      if (input !== undefined) {
        this.#state.get(input)!.dispose();
        this.#state.set(input, tensor);
      } else {
        returned[name] = await download(tensor, values[outputs.get(name)!]);
        tensor.dispose();
      }
    }
    return returned;
  }

  /** The named values of the state, without copying; valid until the next step or write. */
  lend(names: Iterable<string>): TfjsLoan {
    return new Map([...names].map((name) => [name, this.#stateTensor(name)]));
  }

  /** Copies of the named values of the state; by default of all values. */
  async read(names: Iterable<string> = this.#state.keys()): Promise<Map<string, HostTensor>> {
    const { values, inputs } = this.#program;
    const copies = new Map<string, HostTensor>();
    for (const [name, tensor] of this.lend(names)) {
      copies.set(name, await download(tensor, values[inputs.get(name)!]));
    }
    return copies;
  }

  /** Replaces the named values of the state by copies of `values`. */
  write(values: ReadonlyMap<string, HostTensor>): void {
    for (const [name, value] of values) {
      checkFeed(name, value, this.#program.values[this.#program.inputs.get(name)!]);
      this.#state.get(name)?.dispose();
      this.#state.set(name, upload(value));
    }
  }

  release(): Promise<void> {
    for (const tensor of this.#state.values()) tensor.dispose();
    this.#state.clear();
    return Promise.resolve();
  }

  #stateTensor(name: string): tf.Tensor {
    const tensor = this.#state.get(name);
    if (tensor) return tensor;
    throw new FeedError(`"${name}" is not part of the state; it has ${[...this.#state.keys()].join(", ")}`);
  }
}

/** A step without a kernel, also one of a loop's body. */
function unknownStep({ steps }: Program): Step | undefined {
  for (const step of steps) {
    const loop = loopOf(step);
    const unknown = !(step.op.name in KERNELS) ? step : loop && unknownStep(loop.body);
    if (unknown) return unknown;
  }
}

/** For each value number, the last step that reads the value. */
const lastUses = new WeakMap<Program, ReadonlyMap<number, number>>();

function lastUseIn(program: Program): ReadonlyMap<number, number> {
  let known = lastUses.get(program);
  if (!known) {
    known = new Map(program.steps.flatMap(({ inputs }, at) => inputs.map((value) => [value, at] as const)));
    lastUses.set(program, known);
  }
  return known;
}

/** Runs all steps. Values are disposed of after their last use; outputs are separate tensors. */
function runSteps(program: Program, feeds: ReadonlyMap<string, tf.Tensor>): Map<string, tf.Tensor> {
  const { values, inputs, outputs, steps } = program;
  const lastUse = lastUseIn(program);
  const made = new Map<number, tf.Tensor>();
  const given = new Map([...inputs].map(([name, number]) => [number, feeds.get(name)!]));
  const wanted = new Set(outputs.values());
  const tensorOf = (number: number) => given.get(number) ?? made.get(number)!;
  steps.forEach(({ op, inputs: from, outputs: to, attributes }, at) => {
    const results = tf.tidy(() => {
      const result = KERNELS[op.name]({
        inputs: from.map(tensorOf),
        attributes,
        inputTypes: from.map((number) => values[number]),
        outputTypes: to.map((number) => values[number]),
        run: runSteps,
      });
      return Array.isArray(result) ? result : [result];
    });
    to.forEach((number, i) => made.set(number, results[i]));
    for (const number of [...from, ...to]) {
      const isOver = (lastUse.get(number) ?? -1) <= at && !wanted.has(number);
      if (isOver) made.get(number)?.dispose();
    }
  });
  const copies = new Map([...outputs].map(([name, number]) => [name, tf.clone(tensorOf(number))]));
  for (const number of wanted) made.get(number)?.dispose();
  return copies;
}

/** The values of `tensor`, converted to the program's type, because TensorFlow.js has only 32-bit numbers. */
async function download(tensor: tf.Tensor, { dtype }: TensorType): Promise<HostTensor> {
  return hostFrom(dtype, tensor.shape, await tensor.data());
}
