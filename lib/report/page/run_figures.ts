/** The figures of a run without its images: a study has too many of them to keep all. */

import type { Evaluation } from "../../evaluate/evaluation_file.ts";

/** The figures of an evaluation, why others are missing, and what decides whether they are comparable. */
export interface RunFigures extends Pick<Evaluation, "results" | "omitted" | "regions"> {
  /** The percentage of all images that are classified correctly. */
  readonly plainAccuracy: number;
  /** The ids of the images that are classified correctly. */
  readonly correct: ReadonlySet<number>;
}

export function runFigures(evaluation: Evaluation): RunFigures {
  const { results, omitted, regions, samples } = evaluation;
  const correct = new Set(samples.flatMap(({ id, isCorrect }) => isCorrect ? [id] : []));
  return { results, omitted, regions, correct, plainAccuracy: plainAccuracy(evaluation) };
}

/** The percentage of all images that are classified correctly; NaN without images. */
export function plainAccuracy({ samples }: Pick<Evaluation, "samples">): number {
  return 100 * samples.filter(({ isCorrect }) => isCorrect).length / samples.length;
}
