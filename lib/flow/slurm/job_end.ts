/** What the state of a job says: whether it waits, runs or has ended, and why it ended. */

import type { ExitReason, JobEnd } from "../process/process.ts";
import { readOrEmpty } from "../store/small_files.ts";
import type { QueuedJob } from "./commands.ts";

const WAITING = ["PENDING", "REQUEUED", "REQUEUE_HOLD", "REQUEUE_FED", "RESV_DEL_HOLD", "SPECIAL_EXIT"];
const GOING_ON = [
  "RUNNING",
  "COMPLETING",
  "CONFIGURING",
  "RESIZING",
  "SIGNALING",
  "STAGE_OUT",
  "STOPPED",
  "SUSPENDED",
];

const ENDS: Readonly<Record<string, readonly [JobEnd, string]>> = {
  PREEMPTED: ["preempted", "preempted by another job"],
  NODE_FAIL: ["node-failed", "its node failed"],
  BOOT_FAIL: ["node-failed", "its node did not start"],
  OUT_OF_MEMORY: ["out-of-memory", "killed for want of memory"],
  TIMEOUT: ["time-limit", "ended at the time limit of its job"],
  DEADLINE: ["time-limit", "ended at the deadline of its job"],
  CANCELLED: ["cancelled", "its job was cancelled by hand, or by an administrator"],
  COMPLETED: ["lost", "its job ended, and left no result"],
};

/** What `OverMemoryKill` of Slurm writes into the log; the state is `FAILED` then. */
const OVER_MEMORY = /exceeded (job )?memory limit/i;

export function isWaiting({ state }: Pick<QueuedJob, "state">): boolean {
  return WAITING.includes(state);
}

export function hasEnded({ state }: Pick<QueuedJob, "state">): boolean {
  return !WAITING.includes(state) && !GOING_ON.includes(state);
}

/** What is known of an element of a job when it has ended without a result. */
export interface EndedElement {
  /** Undefined where Slurm does not know it any more. */
  readonly queued?: QueuedJob;
  /** Undefined where it has not begun. */
  readonly node?: string;
  /** `JOB_ELEMENT`. */
  readonly job: string;
  /** What Slurm and the program of the job have printed. */
  readonly log: string;
}

/** Why the work in an element has no result. The message names the job, its node and its log. */
export function reasonOf(element: EndedElement): ExitReason & { kind: "job" } {
  const [how, words] = endOf(element);
  return {
    kind: "job",
    how,
    message: `${words} (${placeOf(element)}; what Slurm printed is in ${element.log})`,
  };
}

/** As `reasonOf`, for what is known without Slurm's state. */
export function jobReason(how: JobEnd, words: string, element: EndedElement): ExitReason & { kind: "job" } {
  return { kind: "job", how, message: `${words} (${placeOf(element)})` };
}

function endOf({ queued, log }: EndedElement): readonly [JobEnd, string] {
  if (queued === undefined) return ["lost", "Slurm does not know its job any more, and there is no result"];
  if (queued.state === "FAILED" && OVER_MEMORY.test(readOrEmpty(log))) return ENDS.OUT_OF_MEMORY;
  return ENDS[queued.state] ?? ["failed", `its job ended as ${queued.state} (${queued.reason})`];
}

function placeOf({ node, job }: EndedElement): string {
  return `Slurm job ${job}${node === undefined ? "" : ` on ${node}`}`;
}
