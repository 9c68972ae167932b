/** Runs tensor programs on TensorFlow.js, operation by operation. */

import * as tf from "@tensorflow/tfjs-core";
import type { Program } from "../../tensor/graph.ts";
import type { HostTensor } from "../../tensor/host_tensor.ts";
import type { TensorType } from "../../tensor/op.ts";
import { hostFrom } from "../../tensor/values.ts";
import type { Device } from "../device.ts";
import { FeedError } from "../errors.ts";
import { checkFeed, checkFeeds, type NamedTensors } from "../feeds.ts";
import { useBackend } from "./backend.ts";
import { ELEMENTWISE, upload } from "./elementwise.ts";
import type { Kernel } from "./kernel.ts";
import { PRODUCTS } from "./products.ts";
import { STRUCTURE } from "./structure.ts";

const KERNELS: Readonly<Record<string, Kernel>> = { ...ELEMENTWISE, ...STRUCTURE, ...PRODUCTS };

/** The operations that run on TensorFlow.js. */
export function tfjsOperations(): string[] {
  return Object.keys(KERNELS);
}

/** Values on the backend that programs there can share. */
export type TfjsLoan = ReadonlyMap<string, tf.Tensor>;

/** Places constant values on the backend of a device. */
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
  /** State that stays on the backend, by input. */
  readonly #state = new Map<string, tf.Tensor>();
  /** The last step that reads a value, by its number. */
  readonly #lastUse: ReadonlyMap<number, number>;

  private constructor(program: Program, feedback: ReadonlyMap<string, string>) {
    this.#program = program;
    this.#feedback = feedback;
    const lastUse = new Map<number, number>();
    program.steps.forEach(({ inputs }, at) => inputs.forEach((value) => lastUse.set(value, at)));
    this.#lastUse = lastUse;
  }

  /**
   * @param feedback for every output that is fed back the input that gets it
   * @param state first values of those inputs
   * @throws {DeviceError} when the backend can't be loaded.
   * @throws {FeedError} when the state lacks a value, or one does not fit.
   * @throws {TypeError} naming an operation that TensorFlow.js does not run.
   */
  static async open(
    program: Program,
    { device = "cpu", feedback = new Map(), state = new Map() }: {
      device?: Device;
      feedback?: ReadonlyMap<string, string>;
      state?: ReadonlyMap<string, HostTensor>;
    } = {},
  ): Promise<TfjsProgram> {
    const unknown = program.steps.find(({ op }) => !(op.name in KERNELS));
    if (unknown) {
      throw new TypeError(`TensorFlow.js does not run the operation ${unknown.op.name} "${unknown.label}"`);
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
   * @param inputs values of the inputs that are neither fed back nor lent
   * @param loans values of other inputs, not copied; values that the program does not take are ignored
   * @returns the outputs that are not fed back
   * @throws {FeedError} when an input is missing or does not fit.
   */
  async step(inputs: NamedTensors, ...loans: TfjsLoan[]): Promise<Record<string, HostTensor>> {
    const { values, outputs } = this.#program;
    const held = new Map([...loans.flatMap((loan) => [...loan]), ...this.#state]);
    checkFeeds(this.#program, inputs, held);
    const given = new Map(Object.entries(inputs).map(([name, value]) => [name, upload(value)]));
    const results = this.#run(new Map([...held, ...given]));
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

  /** The named values of the state, not copied; valid until the next step or write. */
  lend(names: Iterable<string>): TfjsLoan {
    return new Map([...names].map((name) => [name, this.#stateTensor(name)]));
  }

  /** Copies of the state's values, all by default. */
  async read(names: Iterable<string> = this.#state.keys()): Promise<Map<string, HostTensor>> {
    const { values, inputs } = this.#program;
    const copies = new Map<string, HostTensor>();
    for (const [name, tensor] of this.lend(names)) {
      copies.set(name, await download(tensor, values[inputs.get(name)!]));
    }
    return copies;
  }

  /** Replaces values of the state by copies of `values`. */
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
    throw new FeedError(`"${name}" is not among the state, ${[...this.#state.keys()].join(", ")}`);
  }

  /** Values are disposed of after their last use. The outputs are tensors of their own. */
  #run(feeds: ReadonlyMap<string, tf.Tensor>): Map<string, tf.Tensor> {
    const { values, inputs, outputs, steps } = this.#program;
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
        });
        return Array.isArray(result) ? result : [result];
      });
      to.forEach((number, i) => made.set(number, results[i]));
      for (const number of [...from, ...to]) {
        const isOver = (this.#lastUse.get(number) ?? -1) <= at && !wanted.has(number);
        if (isOver) made.get(number)?.dispose();
      }
    });
    const copies = new Map([...outputs].map(([name, number]) => [name, tf.clone(tensorOf(number))]));
    for (const number of wanted) made.get(number)?.dispose();
    return copies;
  }
}

/** The values of `tensor`, converted to the program's type; TensorFlow.js has 32-bit numbers only. */
async function download(tensor: tf.Tensor, { dtype, shape }: TensorType): Promise<HostTensor> {
  return hostFrom(dtype, shape, await tensor.data());
}
