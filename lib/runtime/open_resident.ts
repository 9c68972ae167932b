/** Programs that hold state between runs and values that are lent to them, on the runtime that was asked for. */

import type { HostTensor } from "../tensor/host_tensor.ts";
import type { Program } from "../tensor/graph.ts";
import type { NamedTensors } from "./feeds.ts";
import { placeOnDevice, type ResidentOptions, ResidentProgram } from "./resident.ts";
import type { SessionOptions } from "./session_options.ts";

/** Values by name where a runtime computes, of which only that runtime knows more. */
export type Loan = ReadonlyMap<string, unknown>;

/** A program part of whose outputs are the next run's inputs. */
export interface Resident<L extends Loan = Loan> {
  /**
   * The outputs that are not fed back, from the inputs that are neither fed back nor lent. A loan must come from the
   * runtime that the program is on, and what the program does not take of it is left alone.
   */
  step(inputs: NamedTensors, ...loans: L[]): Promise<Record<string, HostTensor>>;
  /** Of the state where it lies, the values named; they are good until the next step or writing. */
  lend(names: Iterable<string>): L;
  /** Copies of the state's values, all or those named. */
  read(names?: Iterable<string>): Promise<Map<string, HostTensor>>;
  /** Puts copies of `values` in the place of the state's. */
  write(values: ReadonlyMap<string, HostTensor>): void;
  release(): Promise<void>;
}

/**
 * @throws {FeedError} when the feedback or the state does not fit the program.
 * @throws {DeviceError} when the device or the runtime can't be used here.
 */
export async function openResident(program: Program, options: ResidentOptions): Promise<Resident> {
  if (options.runtime !== "tfjs") return await ResidentProgram.open(program, options) as Resident;
  const { TfjsProgram } = await import("./tfjs/program.ts");
  return await TfjsProgram.open(program, options) as Resident;
}

/** Values that do not change and that programs of equal options take as loans. */
export async function openLoan(
  values: ReadonlyMap<string, HostTensor>,
  options: SessionOptions,
): Promise<{ loan: Loan; release(): Promise<void> }> {
  if (options.runtime !== "tfjs") return await placeOnDevice(values, options);
  const { placeOnBackend } = await import("./tfjs/program.ts");
  return await placeOnBackend(values, options);
}
