/** The figures of a run without its images: a study has too many of them to keep all. */

import { type Evaluation, readEvaluation } from "../../evaluate/evaluation_file.ts";

/** The figures of an evaluation, and why others are missing. */
export type RunFigures = Pick<Evaluation, "results" | "omitted">;

/** Reads them from the file of an evaluation. */
export function readRunFigures(path: string): RunFigures {
  const { results, omitted } = readEvaluation(path);
  return { results, omitted };
}
