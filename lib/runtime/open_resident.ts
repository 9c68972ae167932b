/** Opens programs that keep state between runs, and values shared between programs, on the requested runtime. */

import type { HostTensor } from "../tensor/host_tensor.ts";
import type { Program } from "../tensor/graph.ts";
import type { NamedTensors } from "./feeds.ts";
import type { Loan } from "./lent.ts";
import { placeOnDevice, type ResidentOptions, ResidentProgram } from "./resident.ts";
import type { SessionOptions } from "./session_options.ts";

/** A program that feeds some outputs back as inputs of its next run, such as a training step. */
export interface Resident<L extends Loan = Loan> {
  /**
   * Runs the program once and returns the outputs that are not fed back. `inputs` has the values of all
   * inputs that are neither fed back nor in a loan. Loans must come from the same runtime; their values that
   * are not inputs of the program are ignored.
   */
  step(inputs: NamedTensors, ...loans: L[]): Promise<Record<string, HostTensor>>;
  /** The named values of the state, without copying; valid until the next step or write. */
  lend(names: Iterable<string>): L;
  /** Copies of the named values of the state; by default of all values. */
  read(names?: Iterable<string>): Promise<Map<string, HostTensor>>;
  /** Replaces the named values of the state by copies of `values`. */
  write(values: ReadonlyMap<string, HostTensor>): void;
  release(): Promise<void>;
}

/**
 * @throws {FeedError} if the feedback or the state does not match the program.
 * @throws {DeviceError} if the device or the runtime can't be used on this machine.
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

/** Copies constant values to the memory of the runtime, for use by programs opened with the same options. */
export async function openLoan(
  values: ReadonlyMap<string, HostTensor>,
  options: SessionOptions,
): Promise<{ loan: Loan; release(): Promise<void> }> {
  if (options.runtime !== "tfjs") return await placeOnDevice(values, options);
  const { placeOnBackend } = await import("./tfjs/program.ts");
  return await placeOnBackend(values, options);
}
