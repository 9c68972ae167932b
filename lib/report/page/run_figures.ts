/** The figures of a run without its images: a study has too many of them to keep all. */

import { type Evaluation, readEvaluation } from "../../evaluate/evaluation_file.ts";

/** The figures of an evaluation, why others are missing, and what decides whether they are comparable. */
export type RunFigures = Pick<Evaluation, "results" | "omitted" | "regions">;

/** Reads them from the file of an evaluation. */
export function readRunFigures(path: string): RunFigures {
  const { results, omitted, regions } = readEvaluation(path);
  return { results, omitted, regions };
}
