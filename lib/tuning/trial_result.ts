/** The result of a trial, from what its tasks have left. */

import { objectiveOf } from "./objective.ts";
import type { ParameterValues } from "./space.ts";
import type { FinishedTrial } from "./trial.ts";
import { endIn, found, readTrialLog, type ReportPaths, type TrialLog } from "./trial_log.ts";

/** What is known of a trial. */
export interface TrialFiles {
  readonly trial: number;
  readonly assignment: ParameterValues;
  /** Absent where the objective is in the logs: in the last line that has it, as not every step is validated. */
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
  const value = objectiveOf(figures ?? lastLine(read, objective), objective);
  return { trial, state: value === null ? "failed" : "complete", assignment, value, reports };
}

/** The last line with the objective; where none has it, the last one. */
function lastLine(logs: readonly TrialLog[], objective: string): unknown {
  const lines = logs.at(-1)?.lines.map((line) => JSON.parse(line)) ?? [];
  if (lines.length === 0) {
    throw new Error("a trial needs the input figures, or the input log with at least one line");
  }
  return lines.findLast((line) => found(line, objective) !== undefined) ?? lines.at(-1);
}
