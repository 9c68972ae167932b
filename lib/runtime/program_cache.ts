/**
 * The programs of one owner, such as a model. Each is built and compiled on first use and kept until all are
 * released.
 */

import type { Program } from "../tensor/graph.ts";
import type { HostTensor } from "../tensor/host_tensor.ts";
import type { NamedTensors } from "./feeds.ts";
import type { Loan } from "./lent.ts";
import { areSameTensors, PlacedValues } from "./placed_values.ts";
import { openSession, type Session } from "./session.ts";
import type { SessionOptions } from "./session_options.ts";

/**
 * Compiled programs by key.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { program } from "../tensor/graph.ts";
 * import { float32 } from "../tensor/host_tensor.ts";
 * import { mul } from "../tensor/ops/arithmetic.ts";
 * import { input } from "../tensor/ops/source.ts";
 * import { ProgramCache } from "./program_cache.ts";
 *
 * const programs = new ProgramCache({ threads: 1 });
 * const weights = new Map([["scale", float32([1], [3])]]);
 * const x = float32([2], [1, 2]);
 * const scaled = () => program({ y: mul(input("x", "float32", x.shape), input("scale", "float32", [1])) });
 * const { y } = await programs.run(x.shape.join(), scaled, { x }, weights);
 * await programs.release();
 * assert.deepEqual([...y.data], [3, 6]);
 * ```
 */
export class ProgramCache {
  readonly #options: SessionOptions;
  readonly #sessions = new Map<string, CachedSession>();
  readonly #placed: (PlacedValues | undefined)[] = [];

  /** @param options the options of all sessions */
  constructor(options: SessionOptions = {}) {
    this.#options = options;
  }

  /**
   * Runs the program with the key `key` and returns its outputs.
   *
   * Constants and shared values are given to the device once, until other tensors replace them: on WebGPU they are
   * buffers that all programs read; on the CPU their memory is read where it lies. On CUDA, for which the binding has
   * no buffers, constants are part of each session, which is compiled again when they change.
   *
   * @param key identifies the program; it must contain everything on which `build` depends, such as shapes
   * @param build builds the program, on the first use of the key or after a failed compilation
   * @param given values by input name; values that the program does not read are ignored
   * @param constants values of the inputs that are not in `given`, such as weights; their data must not be changed
   * @param shared values that some runs in a row read, such as the embedding of an image, in the same way
   * @throws {FeedError} if an input is in none of them, or has the wrong shape or type.
   * @throws {DeviceError} if the device or the runtime can't be used on this machine.
   */
  async run(
    key: string,
    build: () => Program,
    given: NamedTensors,
    constants: ReadonlyMap<string, HostTensor>,
    shared: ReadonlyMap<string, HostTensor> = NONE,
  ): Promise<Record<string, HostTensor>> {
    const inSession = this.#options.device === "cuda" && this.#options.runtime !== "tfjs";
    const fixed = inSession ? without(constants, given) : NONE;
    const session = await this.#session(key, build, fixed);
    const inputs: Record<string, HostTensor> = {};
    for (const name of session.program.inputs.keys()) {
      const value = given[name] ?? shared.get(name) ?? constants.get(name);
      const isHeld = fixed.has(name) || (!inSession && !(name in given) && value?.dtype === LENT);
      if (value && !isHeld) inputs[name] = value;
    }
    if (inSession) return await session.run(inputs);
    const free = (loan: Loan) => new Map([...loan].filter(([name]) => !(name in given)));
    return await this.#place(0, constants).lend((weights) =>
      this.#place(1, shared).lend((values) => session.run(inputs, free(weights), free(values)))
    );
  }

  async #session(
    key: string,
    build: () => Program,
    constants: ReadonlyMap<string, HostTensor>,
  ): Promise<Session> {
    const known = this.#sessions.get(key);
    if (known && areSameTensors(known.constants, constants)) return await known.session;
    const opening = openSession(known ? (await known.session).program : build(), this.#options, constants);
    this.#sessions.set(key, { session: opening, constants });
    opening.catch(() => this.#sessions.delete(key));
    await (await known?.session)?.release();
    return await opening;
  }

  /** @param kind 0 for constants, 1 for shared values: each kind holds the last ones */
  #place(kind: number, all: ReadonlyMap<string, HostTensor>): PlacedValues {
    const values = new Map([...all].filter(([, { dtype }]) => dtype === LENT));
    const known = this.#placed[kind];
    if (known && areSameTensors(known.values, values)) return known;
    known?.retire();
    return this.#placed[kind] = new PlacedValues(values, this.#options);
  }

  /** Frees the memory of all programs and values. A program that runs afterwards is compiled again. */
  async release(): Promise<void> {
    const sessions = [...this.#sessions.values()];
    this.#sessions.clear();
    for (const placed of this.#placed.splice(0)) await placed?.retire();
    for (const { session } of sessions) await (await session).release();
  }
}

interface CachedSession {
  readonly session: Promise<Session>;
  /** The values that are part of the session. */
  readonly constants: ReadonlyMap<string, HostTensor>;
}

/** The type of values that are placed: devices need not have buffers of other types, which are small. */
const LENT = "float32";

const NONE: ReadonlyMap<string, HostTensor> = new Map();

function without(
  constants: ReadonlyMap<string, HostTensor>,
  given: NamedTensors,
): ReadonlyMap<string, HostTensor> {
  return new Map([...constants].filter(([name]) => !(name in given)));
}
