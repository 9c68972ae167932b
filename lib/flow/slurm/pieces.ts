/**
 * A segment of a chain in a job of limited time: its steps are done in pieces, so that what is done when the time is up is
 * a state. The first piece is one step, where it is not known how long that takes; the next is what fits into the time.
 */

import { dirname, join } from "node:path";
import type { WorkOrder } from "../executor/executor.ts";
import type { JobMode, KindJob } from "../job/kind_job.ts";
import type { ProcessResult } from "../process/process.ts";
import { makeFolder, removeAll } from "../store/layout.ts";
import { replaceFile } from "../store/replace_file.ts";
import { isThere } from "../../system/is_there.ts";

/** So long before its end Slurm may tell a job that its time will be up, with something to spare. */
const MARGIN_MS = 130_000;
/** Steps may take longer than those before. */
const SLACK = 1.25;

export interface Segment {
  /** As the process sees it, as all paths in it. */
  readonly jobFile: string;
  /** Where this process finds what that one sees at a path. */
  readonly at: (path: string) => string;
  readonly chain: NonNullable<WorkOrder["chain"]>;
  /** What is left of the job's time now, in milliseconds. */
  readonly leftMs: () => number;
  /** Aborted when the time will soon be up. */
  readonly notice: AbortSignal;
  /** Runs the process of the job file; ends it at the signal. */
  readonly run: (signal?: AbortSignal) => Promise<ProcessResult>;
  /** Called after each piece with the result that the segment has if nothing more is done, and the folder of its outputs. */
  readonly keep: (result: ProcessResult, outFolder: string) => Promise<void>;
}

/** Runs as many steps as fit, at least one. The states are beside the output folder, see {@link placeReached}. */
export async function runInPieces(
  { jobFile, at: placeOf, chain, leftMs, notice, run, keep }: Segment,
): Promise<ProcessResult> {
  const job: KindJob = JSON.parse(Deno.readTextFileSync(placeOf(jobFile)));
  const segment = chainOf(job.mode);
  let { stepMs } = chain;
  let at = segment.from;
  let done: ProcessResult | undefined;
  while (at < segment.to && !(done !== undefined && (notice.aborted || stepsIn(leftMs(), stepMs) < 1))) {
    const to = Math.min(segment.to, at + Math.max(1, stepsIn(leftMs(), stepMs)));
    const outFolder = reachedFolder(jobFile, to);
    makeFolder(placeOf(outFolder));
    const state = done === undefined ? segment.state : join(reachedFolder(jobFile, at), chain.state);
    replaceFile(
      placeOf(jobFile),
      JSON.stringify({ ...job, outFolder, mode: { do: "run", chain: { from: at, to, state } } }),
    );
    // Without a state there is nothing to end with: it is run to its end, or to that of its job.
    const result = await run(done === undefined ? undefined : notice);
    if (result.reason.kind === "interrupted" && notice.aborted && done !== undefined) break;
    done = sum(done, { ...result, reached: to });
    if (result.reason.kind !== "ok") return { ...done, reached: undefined };
    await keep(done, outFolder);
    stepMs = result.ms / (to - at);
    at = to;
  }
  return done!;
}

function chainOf(mode: JobMode): { readonly from: number; readonly to: number; readonly state?: string } {
  if (mode.do !== "run" || mode.chain === undefined) throw new TypeError("a job without a segment");
  return mode.chain;
}

/** How many steps fit; one where it is not known how long they take. */
function stepsIn(leftMs: number, stepMs: number | undefined): number {
  return stepMs === undefined ? 1 : Math.floor((leftMs - MARGIN_MS) / (SLACK * Math.max(1, stepMs)));
}

function sum(
  before: ProcessResult | undefined,
  { ms, cpuMs, peakBytes, ...last }: ProcessResult,
): ProcessResult {
  return {
    ...last,
    ms: ms + (before?.ms ?? 0),
    cpuMs: cpuMs + (before?.cpuMs ?? 0),
    peakBytes: Math.max(peakBytes, before?.peakBytes ?? 0),
  };
}

function reachedFolder(jobFile: string, step: number): string {
  return join(dirname(jobFile), `out-${step}`);
}

/** Puts the outputs of the step that a segment has reached in the place of its outputs; also where an earlier run began to. */
export function placeReached(
  { process, jobFile }: Pick<WorkOrder, "process" | "jobFile">,
  step: number,
): void {
  const made = reachedFolder(jobFile!, step);
  if (!isThere(made)) return;
  const out = join(process.cwd, "out");
  removeAll(out);
  Deno.renameSync(made, out);
}
