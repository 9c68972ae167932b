/** One work that is followed to its end: what the node has written, and what Slurm says, become its result. */

import type { Submitted, WorkOrder } from "../executor/executor.ts";
import type { JobPlace } from "../place.ts";
import type { ExitReason, ProcessResult } from "../process/process.ts";
import { elementId, type JobElement, mayAppear } from "./allocations.ts";
import type { QueuedJob } from "./commands.ts";
import { keepForError } from "./finished.ts";
import { keyNow } from "../store/late_view.ts";
import { allocationPaths, readJson, type ResultFile, type StartedFile, workPaths } from "./files.ts";
import { type EndedElement, hasEnded, isWaiting, jobReason, reasonOf } from "./job_end.ts";
import { placeReached } from "./pieces.ts";
import type { Queue } from "./queue.ts";

/** A cancelled work is waited for at most so long. */
const CANCEL_MS = 10_000;

export class Followed implements Submitted {
  readonly #ended = Promise.withResolvers<ProcessResult>();
  readonly ended = this.#ended.promise;
  readonly logFile: string;
  element?: JobElement;
  isSettled = false;
  /** Its job waits to be started again, which it need not be. */
  isBack = false;
  #cancelledAt: number | undefined;
  #queued: QueuedJob | undefined;
  #started: StartedFile | undefined;
  /** When Slurm was first seen to say that the job has ended. */
  #overSince: number | undefined;

  /**
   * @param id of the work
   * @param waitMs a result may be seen so long after the end of its job
   * @param onCancel ends the job
   */
  constructor(
    readonly work: WorkOrder,
    readonly path: string,
    readonly id: string,
    readonly waitMs: number,
    readonly onCancel: (followed: Followed) => void,
  ) {
    this.logFile = work.process.logFile;
  }

  cancel(): void {
    if (this.isSettled || this.#cancelledAt !== undefined) return;
    this.#cancelledAt = performance.now();
    this.onCancel(this);
  }

  /** It goes on without this run. */
  leave(): void {
    this.fail({ kind: "interrupted" });
  }

  fail(reason: ExitReason): void {
    this.settle({ reason, ms: 0, cpuMs: 0, peakBytes: 0 });
  }

  settle(result: ProcessResult): void {
    if (this.isSettled) return;
    this.isSettled = true;
    this.#ended.resolve(result);
  }

  poll(): JobPlace | undefined {
    if (this.element === undefined) return undefined;
    const { state, reason, node, since } = this.#queued ?? { state: "PENDING", reason: undefined };
    const job = elementId(this.element);
    if (this.#started === undefined || isWaiting({ state })) return { state: "pending", job, why: reason };
    const { gpus, host } = this.#started;
    return { state: "running", job, node: node || host, since, ...(gpus.length > 0 && { gpus }) };
  }

  /** Looks at the files of the node. */
  look(): void {
    const { started, result } = workPaths(this.path);
    // Else a network file system may go on for a while to say that they are missing.
    keyNow(result);
    this.#started ??= ownOf(this.id, readJson<StartedFile>(started));
    const written = ownOf(this.id, readJson<ResultFile>(result));
    if (written !== undefined) this.#take(written);
    else this.work.onWatch?.();
  }

  /** Takes what Slurm says. */
  judge(queue: Queue): void {
    const { element } = this;
    if (element === undefined || this.isSettled) return;
    const { allocation } = element;
    const { submitted = Infinity } = allocation;
    // The answer is older than the job.
    if (submitted > queue.askedAt) return;
    const before = this.#queued;
    const wasStarted = this.#started !== undefined;
    this.#queued = queue.find(element);
    if (this.#queued !== undefined) allocation.job = this.#queued.job;
    this.look();
    if (this.isSettled) return;
    const isGone = this.#queued === undefined && !mayAppear(allocation);
    const isOver = isGone || (this.#queued !== undefined && hasEnded(this.#queued));
    const isBack = wasStarted && this.#queued !== undefined && isWaiting(this.#queued);
    if (this.#cancelledAt !== undefined) {
      if (isOver || isBack || performance.now() - this.#cancelledAt > CANCEL_MS) this.leave();
    } else if (isBack) this.#failAsBack(before);
    else if (!isOver) this.#overSince = undefined;
    else {
      this.#overSince ??= performance.now();
      if (performance.now() - this.#overSince >= this.waitMs) this.#failAs(this.#reason());
    }
  }

  #failAsBack(queued: QueuedJob | undefined): void {
    this.isBack = true;
    this.#failAs(jobReason("requeued", REQUEUED, this.#place(queued)));
  }

  /** A chain goes on from the steps that were done. */
  #failAs(reason: ExitReason & { kind: "job" }): void {
    const reached = ownOf(this.id, readJson<ResultFile>(workPaths(this.path).reached));
    if (reached !== undefined && reason.how !== "cancelled") return this.#take(reached);
    keepForError(this.element!.allocation.folder);
    this.fail(reason);
  }

  #take(written: ResultFile): void {
    if (written.wasRequeued) return this.#failAsBack(this.#queued);
    const { id: _, ...result } = written;
    if (result.reached !== undefined) placeReached(this.work, result.reached);
    if (result.reason.kind !== "out-of-memory") return this.settle(result);
    const words = "killed for want of memory";
    this.settle({ ...result, reason: jobReason("out-of-memory", words, this.#place(this.#queued)) });
  }

  /** Where its turn had not come, another work has ended the job, or the job could not begin: it is to be tried again. */
  #reason(): ExitReason & { kind: "job" } {
    const reason = reasonOf(this.#place(this.#queued));
    return this.#started !== undefined || reason.how === "cancelled" ? reason : { ...reason, how: "lost" };
  }

  #place(queued: QueuedJob | undefined): EndedElement {
    const { allocation, index } = this.element!;
    const node = queued?.node || this.#started?.host;
    return {
      queued,
      node,
      job: elementId(this.element!),
      log: allocationPaths(allocation.folder).log(index),
    };
  }
}

const REQUEUED = "its job was started again by Slurm: preempted, its node failed, or by hand";

function ownOf<File extends { readonly id: string }>(id: string, file: File | undefined): File | undefined {
  return file?.id === id ? file : undefined;
}
