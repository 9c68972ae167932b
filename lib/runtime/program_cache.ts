/**
 * The programs of one owner, such as a model. Each is built and compiled on first use and kept until all are
 * released.
 */

import type { Program } from "../tensor/graph.ts";
import type { HostTensor } from "../tensor/host_tensor.ts";
import type { NamedTensors } from "./feeds.ts";
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
  readonly #sessions = new Map<string, Promise<Session>>();

  /** @param options the options of all sessions */
  constructor(options: SessionOptions = {}) {
    this.#options = options;
  }

  /**
   * Runs the program with the key `key` and returns its outputs.
   *
   * @param key identifies the program; it must contain everything on which `build` depends, such as shapes
   * @param build builds the program, on the first use of the key or after a failed compilation
   * @param given values by input name; values that the program does not read are ignored
   * @param constants values of the inputs that are not in `given`, such as weights
   * @throws {FeedError} if an input is in neither of them, or has the wrong shape or type.
   * @throws {DeviceError} if the device or the runtime can't be used on this machine.
   */
  async run(
    key: string,
    build: () => Program,
    given: NamedTensors,
    constants: ReadonlyMap<string, HostTensor>,
  ): Promise<Record<string, HostTensor>> {
    const session = await this.#session(key, build);
    const inputs: Record<string, HostTensor> = {};
    for (const name of session.program.inputs.keys()) {
      const value = given[name] ?? constants.get(name);
      if (value) inputs[name] = value;
    }
    return await session.run(inputs);
  }

  #session(key: string, build: () => Program): Promise<Session> {
    const known = this.#sessions.get(key);
    if (known) return known;
    const opening = openSession(build(), this.#options);
    this.#sessions.set(key, opening);
    opening.catch(() => this.#sessions.delete(key));
    return opening;
  }

  /** Frees the memory of all programs. A program that runs afterwards is compiled again. */
  async release(): Promise<void> {
    const sessions = [...this.#sessions.values()];
    this.#sessions.clear();
    for (const session of sessions) await (await session).release();
  }
}
