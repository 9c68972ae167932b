/** What can be seen of a run from outside: it is read from what the run writes, and nothing is written. */

import { totalmem } from "node:os";
import { lastLines } from "../display/log_text.ts";
import { progressText } from "../display/progress_text.ts";
import { outcomeLine } from "../display/report_lines.ts";
import type { ActionOutcome } from "../events.ts";
import { FlowError } from "../errors.ts";
import type { ActionNow } from "../history/journal.ts";
import { type ListedRun, listRun, listRuns, type RunState } from "../history/run_list.ts";
import { runIdOf, runNow } from "../history/runs.ts";
import type { LiveCurve } from "../history/live_curve.ts";
import type { Standings } from "../history/standings.ts";
import { residentBytes } from "../process/process_tree.ts";
import { type GpuUse, gpuUse } from "../resources/nvidia_smi.ts";
import { AppendedLines } from "../store/appended_lines.ts";
import { runPaths } from "../store/layout.ts";
import { isElsewhere } from "../store/owner.ts";

/** A task that is running. */
export interface WatchedTask {
  readonly id: string;
  /** Bar, rate and time left. */
  readonly progress: string;
  /** The part that is done, from 0 to 1, where it is known. */
  readonly part?: number;
  /** The unit in which the curve says what is done. */
  readonly unit: string;
  readonly curve?: LiveCurve;
  /** The last lines of its log. */
  readonly log: readonly string[];
}

/** A run at one moment. */
export interface WatchedRun {
  readonly run: string;
  readonly workflow: string;
  /** Its profile and settings, as on the command line. */
  readonly choice: string;
  readonly state: RunState;
  /** ISO 8601, UTC. */
  readonly started: string;
  readonly by: string;
  /** How long it took, or has been running. */
  readonly ms: number;
  /** Numbers of tasks. */
  readonly ended: number;
  readonly total: number;
  readonly running: readonly WatchedTask[];
  /** Lines about the tasks that have ended and were not reused, oldest first. */
  readonly outcomes: readonly string[];
  /** Lines about what its results say so far, such as the best trial of a search. */
  readonly standing: readonly string[];
  /** Of all processes of the run, if it is on this machine. */
  readonly memory?: { readonly usedBytes: number; readonly totalBytes: number };
  readonly gpus?: readonly GpuUse[];
}

/** So many lines of a log are shown. */
const LOG_LINES = 12;

/**
 * The run that `given` names; without it the newest one that is running, or else the last one.
 *
 * @throws FlowError no-run
 */
export function chosenRun(store: string, given: string | undefined): ListedRun {
  if (given !== undefined) return listRun(store, runIdOf(store, given))!;
  const runs = listRuns(store);
  const found = runs.findLast(({ state }) => state === "running") ?? runs.at(-1);
  if (found) return found;
  throw new FlowError("no-run", `nothing has been run with the store ${store}; start a run, then watch it`);
}

/** Looks at a run again and again; what was read before is not read again. */
export class RunWatcher {
  readonly #record: AppendedLines;
  readonly #outcomes: ActionOutcome[] = [];
  #standing: { readonly after: number; readonly lines: readonly string[] } | undefined;
  #first: ListedRun;

  /**
   * @param store the folder
   * @param steps names of values that say which step a report is of: they are no curves
   */
  constructor(
    readonly store: string,
    run: ListedRun,
    readonly steps: ReadonlySet<string>,
    readonly standings: Standings,
  ) {
    this.#first = run;
    this.#record = new AppendedLines(runPaths(store).record(run.head.run));
  }

  /** What is seen now. */
  async look(): Promise<WatchedRun> {
    // The list of what is running is older than the record then: a task that has ended is shown by its outcome alone.
    const doing = runNow(this.store, this.#first.head.run);
    const { head, end, state } = this.#first = listRun(this.store, this.#first.head.run) ?? this.#first;
    for (const line of this.#record.read()) {
      const outcome = parseOutcome(line);
      if (outcome) this.#outcomes.push(outcome);
    }
    const now = Date.now();
    const ended = new Set(this.#outcomes.map(({ id }) => id));
    const actions = state === "running" ? doing?.actions.filter(({ id }) => !ended.has(id)) ?? [] : [];
    const { overrides: { profile, set } } = head;
    const isHere = state === "running" && !isElsewhere(head.owner);
    return {
      run: head.run,
      workflow: head.workflow,
      choice: [...(profile ? [`--profile ${profile}`] : []), ...set.map((one) => `--set ${one}`)].join(" "),
      state,
      started: head.started,
      by: `${head.user}@${head.owner.host}`,
      ms: end?.ms ?? now - Date.parse(head.started),
      ended: end ? end.ran + end.reused + end.joined + end.failed + end.skipped : doing?.ended ?? 0,
      total: end ? end.ran + end.reused + end.joined + end.failed + end.skipped : doing?.total ?? 0,
      running: actions.map((action) => this.#taskOf(action, now)),
      outcomes: this.#outcomes.flatMap((outcome) => outcomeLine(outcome) ?? []),
      standing: await this.#standingNow(),
      ...(isHere
        ? {
          memory: { usedBytes: residentBytes(head.owner.pid), totalBytes: totalmem() },
          gpus: await gpuUse(),
        }
        : {}),
    };
  }

  /** Results are read again only where more tasks have ended. */
  async #standingNow(): Promise<readonly string[]> {
    const after = this.#outcomes.length;
    if (this.#standing?.after !== after) {
      this.#standing = { after, lines: await this.standings.linesOf(this.#first) };
    }
    return this.#standing.lines;
  }

  #taskOf(
    { id, since, expectedMs, progress, first, log, curve, place }: ActionNow,
    now: number,
  ): WatchedTask {
    const { done, total, unit = "" } = progress ?? { done: 0 };
    return {
      id,
      progress: progressText({ since, now, progress, first, expectedMs, place }),
      part: progress && total ? Math.min(done / total, 1) : undefined,
      unit,
      curve: curve && this.#withoutSteps(curve),
      log: log === undefined ? [] : lastLines(`${this.store}/${log}`, LOG_LINES) ?? [],
    };
  }

  #withoutSteps({ done, values }: LiveCurve): LiveCurve {
    return {
      done,
      values: Object.fromEntries(Object.entries(values).filter(([name]) => !this.steps.has(name))),
    };
  }
}

function parseOutcome(line: string): ActionOutcome | undefined {
  try {
    const event = JSON.parse(line);
    return typeof event.outcome === "string" ? event : undefined;
  } catch {
    return undefined; // Torn by a crash.
  }
}
