/** The result of a trial, from what its tasks have left. */

import { objectiveOf } from "./objective.ts";
import type { ParameterValues } from "./space.ts";
import type { FinishedTrial } from "./trial.ts";
import { endIn, readTrialLog, type ReportPaths, type TrialLog } from "./trial_log.ts";

/** What is known of a trial. */
export interface TrialFiles {
  readonly trial: number;
  readonly assignment: ParameterValues;
  /** Absent where the objective is in the last line of the logs. */
  readonly figures?: unknown;
  /** Of the phases in their order; a later one may repeat the lines of earlier ones. */
  readonly logs: readonly string[];
}

/**
 * The result: failed or pruned where a phase was, and failed where the objective is null.
 *
 * @throws Error where there is neither a file of figures nor a log, or the objective is not in it
 */
export function trialResult(
  { trial, assignment, figures, logs }: TrialFiles,
  { objective, reports: paths }: { readonly objective: string; readonly reports: ReportPaths },
): FinishedTrial {
  const read = logs.map((text) => readTrialLog(text, paths));
  const reports = [...new Map(read.flatMap(({ reports }) => reports))].sort(([a], [b]) => a - b);
  const ends = [endIn(figures), ...read.map(({ ended }) => ended)];
  const ended = ends.find((end) => end === "failed") ?? ends.find((end) => end !== undefined);
  if (ended !== undefined) return { trial, state: ended, assignment, value: null, reports };
  const value = objectiveOf(figures ?? lastLine(read), objective);
  return { trial, state: value === null ? "failed" : "complete", assignment, value, reports };
}

function lastLine(logs: readonly TrialLog[]): unknown {
  const line = logs.at(-1)?.lines.at(-1);
  if (line === undefined) {
    throw new Error("a trial needs the input figures, or the input log with at least one line");
  }
  return JSON.parse(line);
}
