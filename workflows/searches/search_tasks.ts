/** The tasks of a search around those that train: what each trial tries, its result, and the best of all. */
import { axis, before, each, type TaskDefinition, value } from "protoflow";

/** Distributions by the names of the suggestion. */
export type SearchedParameters = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

export interface Search {
  /** What is searched for, as the title of its report. */
  readonly title: string;
  readonly space: SearchedParameters;
  readonly seed: number;
  /** Random trials before the sampler learns. */
  readonly startupTrials?: number;
  /** What leads to the objective in a line of the logs, or in the figures. */
  readonly objective: string;
  /** The trial's logs in their order, or its figures. */
  readonly results:
    | { readonly log: readonly string[] }
    | { readonly figures: string; readonly file: string };
}

/** All earlier trials: the sequence of the reference. */
const LAG = 1;

const EARLIER = before("trial.trial", "trial", LAG);

/** A value of the suggestion, by its published name. */
export function suggested<Example>(name: string, example: Example) {
  return value("suggest.suggestion", name, example);
}

/** `suggest`, `trial`, `best` and `report`, on the axis `trial`. */
export function searchTasks({ title, space, seed, startupTrials, objective, results }: Search) {
  const sampler = startupTrials === undefined ? {} : { sampler: { name: "tpe", startupTrials } };
  const { file, ...inputs } = { file: undefined, ...results };
  return {
    suggest: {
      kind: "suggest",
      params: { space, seed, trial: axis("trial"), ...sampler },
      inputs: { trials: EARLIER },
    },
    trial: {
      kind: "trial",
      params: { trial: axis("trial"), objective, ...(file !== undefined && { file }) },
      inputs: { suggestion: "suggest.suggestion", ...inputs },
    },
    best: { kind: "best-trial", inputs: { trials: each("trial.trial", "trial") } },
    report: {
      kind: "search-report",
      params: { title, space, objective },
      inputs: { trials: each("trial.trial", "trial") },
    },
  } satisfies Record<string, TaskDefinition>;
}

/** What ends a training whose accuracy is below the median of the earlier trials at the same epoch. */
export function medianRule(
  pruner: Readonly<Record<"startupTrials" | "warmupSteps" | "intervalSteps", number>>,
): NonNullable<TaskDefinition["stop"]> {
  return {
    kind: "median-rule",
    params: { ...pruner, reports: { step: "epoch", value: ACCURACY } },
    inputs: { rivals: EARLIER },
  };
}

/** Where the log of a training has the accuracy on the held-out views. */
export const ACCURACY = "validation.accuracy";

/** What a training may fail with in a search: its trial has failed then, and the search goes on. */
export const MAY_FAIL = ["NotFiniteError"] as const;

/** The places of `count` trials. */
export const trials = (count: number) => Array.from({ length: count }, (_, i) => i);
