/** Reads the results of trials. */

import { readJson } from "../json/read_json.ts";
import { type FinishedTrial, finishedTrial } from "./trial.ts";

/** The trials in `paths`, by their place in the search. @throws JsonFileError where one can't be read */
export function readTrials(paths: readonly string[]): FinishedTrial[] {
  return paths.map((path) => readJson(path, finishedTrial, "the result of a trial"))
    .sort((a, b) => a.trial - b.trial);
}
