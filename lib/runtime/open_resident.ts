/** Opens a program that holds state between runs, on the runtime that was asked for. */

import type { HostTensor } from "../tensor/host_tensor.ts";
import type { Program } from "../tensor/graph.ts";
import type { NamedTensors } from "./feeds.ts";
import { type ResidentOptions, ResidentProgram } from "./resident.ts";

/** A program part of whose outputs are the next run's inputs. */
export interface Resident {
  /** The outputs that are not fed back, from the inputs that are not. */
  step(inputs: NamedTensors): Promise<Record<string, HostTensor>>;
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
  if (options.runtime !== "tfjs") return await ResidentProgram.open(program, options);
  const { TfjsProgram } = await import("./tfjs/program.ts");
  return await TfjsProgram.open(program, options);
}
