/** From the work of a task to the time that it takes on a machine. */

import type { Estimate, Operations } from "../demand.ts";
import { between, secondsAt } from "../../system/time_curve.ts";
import type { MeasuredSpeed } from "./speed.ts";

/** How fast a machine computes. */
export interface MachineSpeed extends MeasuredSpeed {
  /** Of the machine. */
  readonly cores: number;
}

/** What a task has of a machine. */
export interface TaskPlace {
  /** The cores that the workflow names for it, if any. */
  readonly cores?: number;
  /** Whether it computes on the CPU, and so the faster the more cores it has. */
  readonly isOnCpu: boolean;
}

/**
 * The time that a task will take where it is alone, in milliseconds. Where none of its operations was measured, it is that
 * of its FLOP.
 */
export function estimatedMs(estimate: Estimate, machine: MachineSpeed, place: TaskPlace): number {
  const { flop = 0, operations = {}, preparation = {}, seconds = 0, starts = 1, isByItem = false } = estimate;
  const used = Math.min(place.cores ?? machine.cores, machine.cores);
  const share = place.isOnCpu ? used / machine.cores : 1;
  // Items are spread over as many processes as the machine has room for; a device works for one after another.
  const processes = isByItem ? Math.max(1, Math.floor(machine.cores / used)) : 1;
  const threads = place.isOnCpu ? coresShare(used, machine.cores) : 1;
  const measured = operationSeconds(operations, machine, threads);
  const computing = (measured ?? flop / (machine.flopPerSecond * share)) / (place.isOnCpu ? processes : 1);
  const preparing = operationSeconds(preparation, machine, threads) ?? 0;
  return 1000 *
    (starts * machine.startSeconds + preparing + seconds / (isByItem ? machine.cores : 1) +
      withThreads(computing, estimate.inThreads, { used, isOnCpu: place.isOnCpu, all: machine.cores }));
}

/** Whichever takes longest: the device, the threads beside it, or all that the cores of the machine have to do. */
function withThreads(
  computing: number,
  { seconds, threads }: NonNullable<Estimate["inThreads"]> = { seconds: 0, threads: 1 },
  { used, isOnCpu, all }: { readonly used: number; readonly isOnCpu: boolean; readonly all: number },
): number {
  const ofCores = (isOnCpu ? used * computing : 0) + seconds;
  return Math.max(computing, seconds / Math.min(threads, used), ofCores / all);
}

/** How far a number of cores is from one to all of them, by powers: 0 for one, 1 for all. */
function coresShare(used: number, all: number): number {
  return all <= 1 ? 1 : Math.max(0, Math.log(used) / Math.log(all));
}

/** Undefined where none was measured. */
function operationSeconds(
  operations: Operations,
  { operations: measured }: MachineSpeed,
  share: number,
): number | undefined {
  const known = Object.entries(operations).filter(([name]) => Object.hasOwn(measured, name));
  if (known.length === 0) return undefined;
  return known.reduce((sum, [name, some]) => {
    const { one, all } = measured[name];
    return sum +
      some.reduce(
        (sum, { size, count }) => sum + count * between(secondsAt(one, size), secondsAt(all, size), share),
        0,
      );
  }, 0);
}
