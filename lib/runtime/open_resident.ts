/** Opens programs that keep state between runs, and values shared between programs, on the requested runtime. */

import type { HostTensor } from "../tensor/host_tensor.ts";
import type { Program } from "../tensor/graph.ts";
import type { NamedTensors } from "./feeds.ts";
import { placeOnDevice, type ResidentOptions, ResidentProgram } from "./resident.ts";
import type { SessionOptions } from "./session_options.ts";

/** Values by name, stored where a runtime computes; only that runtime knows their form. */
export type Loan = ReadonlyMap<string, unknown>;

/** A program some of whose outputs become inputs of the next run, such as a training step. */
export interface Resident<L extends Loan = Loan> {
  /**
   * Runs the program once and returns the outputs that are not fed back. `inputs` has the values that are neither fed
   * back nor lent. Loans must come from the same runtime; values in them that the program does not take are ignored.
   */
  step(inputs: NamedTensors, ...loans: L[]): Promise<Record<string, HostTensor>>;
  /** The named values of the state, not copied; valid until the next step or write. */
  lend(names: Iterable<string>): L;
  /** Copies of the state's values, all by default. */
  read(names?: Iterable<string>): Promise<Map<string, HostTensor>>;
  /** Replaces values of the state by copies of `values`. */
  write(values: ReadonlyMap<string, HostTensor>): void;
  release(): Promise<void>;
}

/**
 * @throws {FeedError} when the feedback or the state does not fit the program.
 * @throws {DeviceError} when the device or the runtime can't be used here.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { program } from "../tensor/graph.ts";
 * import { float32 } from "../tensor/host_tensor.ts";
 * import { add } from "../tensor/ops/arithmetic.ts";
 * import { input } from "../tensor/ops/source.ts";
 * import { openResident } from "./open_resident.ts";
 *
 * const sum = program({ next: add(input("sum", "float32", [1]), input("x", "float32", [1])) });
 * const resident = await openResident(sum, {
 *   feedback: new Map([["next", "sum"]]), // after each run, the output `next` becomes the input `sum`
 *   state: new Map([["sum", float32([1], [10])]]),
 *   threads: 1,
 * });
 * for (const x of [1, 2]) await resident.step({ x: float32([1], [x]) });
 * const state = await resident.read();
 * await resident.release();
 * assert.deepEqual([...state.get("sum")!.data], [13]);
 * ```
 */
export async function openResident(program: Program, options: ResidentOptions): Promise<Resident> {
  if (options.runtime !== "tfjs") return await ResidentProgram.open(program, options) as Resident;
  const { TfjsProgram } = await import("./tfjs/program.ts");
  return await TfjsProgram.open(program, options) as Resident;
}

/** Places constant values where the runtime computes, to lend them to programs opened with equal options. */
export async function openLoan(
  values: ReadonlyMap<string, HostTensor>,
  options: SessionOptions,
): Promise<{ loan: Loan; release(): Promise<void> }> {
  if (options.runtime !== "tfjs") return await placeOnDevice(values, options);
  const { placeOnBackend } = await import("./tfjs/program.ts");
  return await placeOnBackend(values, options);
}
