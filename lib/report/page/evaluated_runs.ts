/** The evaluations of runs, by the labels of the runs. */

import { type Evaluation, readEvaluation } from "../../evaluate/evaluation_file.ts";
import type { ReportFiles } from "./report_files.ts";
import { type RunFigures, runFigures } from "./run_figures.ts";

/** An evaluation with the label of its run, such as `seed=4871`. */
export interface EvaluatedRun {
  readonly label: string;
  readonly evaluation: Evaluation;
}

/** The evaluations of all runs; prototypes and images are those of the first. */
export function evaluatedRuns(files: ReportFiles<"evaluations">): EvaluatedRun[] {
  return files.contents("evaluations", readEvaluation).map(({ label, content }) => ({
    label,
    evaluation: content,
  }));
}

/** The figures of all runs; the evaluations themselves may be forgotten. */
export function figuresOfRuns(files: ReportFiles<"evaluations">): RunFigures[] {
  return files.digests("evaluations", readEvaluation, runFigures).map(({ content }) => content);
}

/** Why a figure is missing for all runs, or for one of them. */
export function missingReason(runs: readonly EvaluatedRun[], column: string): string {
  const omitted = runs.find(({ evaluation }) => column in evaluation.omitted);
  if (omitted) return omitted.evaluation.omitted[column];
  return runs.some(({ evaluation }) => column in evaluation.results)
    ? "it is not finite"
    : "it was not requested";
}
