/** The job that the engine gives to a kind's process, and the events that the process reports. */

import type { Item, Progress } from "../kind.ts";

/** The content of the job file, the only input of the process. */
export interface KindJob {
  readonly mode: JobMode;
  readonly params: unknown;
  /** Paths by input name. */
  readonly inputs: Readonly<Record<string, readonly string[]>>;
  /** The folder in which `output(name)` is. */
  readonly outFolder: string;
  readonly scratch: string;
  /** Events are appended here, one JSON object a line. */
  readonly eventsFile: string;
  readonly resources: { readonly cpu: number; readonly memoryMB: number; readonly gpus: readonly string[] };
  readonly device: string;
  readonly runtime: string;
  /** The disk of its outputs may refuse them late (see store/late_refusals.ts): an item has ended when its own are flushed. */
  readonly flushes?: true;
}

/** The part of a kind's work that a process does: a run, listing items, running items, or collecting their results. */
export type JobMode =
  | {
    readonly do: "run";
    readonly chain?: { readonly from: number; readonly to: number; readonly state?: string };
  }
  | { readonly do: "list" }
  /** Each item writes below `<outFolder>/<position>`. */
  | { readonly do: "items"; readonly items: readonly Item[] }
  /** Results are at `<folder>/<output>/<id>`. */
  | { readonly do: "collect"; readonly ids: readonly string[]; readonly folder: string };

/** An event that a kind's process reports. */
export type JobEvent =
  | { readonly event: "progress"; readonly progress: Progress }
  /** The kind's code has thrown: the process ends. */
  | { readonly event: "thrown"; readonly message: string; readonly name?: string }
  | { readonly event: "items"; readonly items: readonly Item[] }
  | { readonly event: "item"; readonly position: number; readonly started: true }
  | { readonly event: "item"; readonly position: number; readonly ms: number; readonly error?: string }
  /** The work is done, and this process has reported so many events before. */
  | { readonly event: "end"; readonly reported: number };

/** The exit code of a process whose reports were refused by their disk, which it can't report (EX_IOERR of sysexits.h). */
export const REPORTS_REFUSED = 74;
