/** Where the processes of actions run: on this machine, or as jobs of a cluster. */

import type { Launcher } from "../isolation/launcher.ts";
import type { Mount } from "../isolation/messages.ts";
import type { JobPlace } from "../place.ts";
import type { ProcessOptions, ProcessResult } from "../process/process.ts";
import type { Assignment, Machine } from "../resources/resources.ts";
import type { ActionKey } from "../store/types.ts";

/** A process of an action, in the words that every executor understands. */
export interface WorkOrder {
  /** Shown to the user. */
  readonly task: string;
  readonly kind: string;
  /** Tells apart the processes of a work folder, such as `run`, `list` or `batch-0`. */
  readonly step: string;
  readonly process: Omit<ProcessOptions, "start" | "watchdog" | "signal" | "onWatch">;
  /** What starts it isolated, and what it sees in its working folder; without a launcher it is not isolated. */
  readonly launcher?: Launcher;
  readonly mounts: readonly Mount[];
  readonly assignment: Assignment;
  /** The file of a `KindJob`: its resources are to be those that the process gets in the end. */
  readonly jobFile?: string;
  /** The modules that the process runs; none for a program. */
  readonly modules: readonly string[];
  readonly expectedMs?: number;
  /** Of a segment of a chain: the output that is its state, and how long a step is expected to take. */
  readonly chain?: { readonly state: string; readonly stepMs?: number };
  readonly signal: AbortSignal;
  /** Called now and then while it is waited for. */
  readonly onWatch?: () => void;
}

/** What is said of a task that has put another folder, or a link, in the place of its work folder. */
export const FOLDER_MOVED = "its work folder is another one now: a task may not move it";

/** A process that was handed over. */
export interface Submitted {
  readonly ended: Promise<ProcessResult>;
  /** What it prints is in this file. */
  readonly logFile: string;
  /** Where it is; undefined on this machine. */
  poll(): JobPlace | undefined;
  /** Ends it; then `ended` says that it was interrupted. */
  cancel(): void;
}

/** The reason of the signal that interrupts a run whose processes go on. */
export const LEAVE = "leave";

/** What is done with processes that a run leaves behind when it is interrupted. */
export type LeaveOrCancel = typeof LEAVE | "cancel";

/** Starts processes, and follows them to their end. Close it when none is left. */
export interface Executor {
  /** Of all machines together; undefined stands for this machine. */
  readonly machine?: Machine;
  /** So many times what the machines have at once is handed over at once. */
  readonly overbooking: number;
  /** Hands over a process, or takes up the one that an earlier run handed over in the same work folder. */
  submit(work: WorkOrder): Submitted;
  /** A new folder for an action that outlives this process; undefined where work folders end with it. */
  newFolder(key: ActionKey): string | undefined;
  /**
   * The folder that an earlier run left with a process that runs, or has ended with a result. Others of the key are
   * removed, with their processes.
   */
  leftFolder(key: ActionKey, isUsable: (cwd: string) => boolean): Promise<string | undefined>;
  /** The work folder `cwd` will not be used again. */
  forget(cwd: string): void;
  /** Whether a step was handed over in the work folder `cwd`, by this run or an earlier one. */
  isBegun(cwd: string, step: string): boolean;
  /** What is to become of processes that are running, now that the run is interrupted. */
  onInterrupt(signal: Deno.Signal): Promise<LeaveOrCancel>;
  close(): Promise<void>;
}
