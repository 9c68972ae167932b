/** Runs the cases of the suite "tuning": decisions of the median pruner, and the scores that TPE gives to candidates. */

import { shouldPrune } from "../../../lib/tuning/median_pruner.ts";
import type { ParameterDistribution } from "../../../lib/tuning/space.ts";
import { estimateOf, lessonOf } from "../../../lib/tuning/tpe.ts";
import type { FinishedTrial, Reports } from "../../../lib/tuning/trial.ts";
import type { Json, Runner } from "../case.ts";

const reportsOf = (pairs: Json): Reports =>
  pairs.map(([step, value]: Json) => [step, typeof value === "number" ? value : null]);

const medianPruner: Runner = ({ params }) => {
  const pruner = {
    startupTrials: params.n_startup_trials,
    warmupSteps: params.n_warmup_steps,
    intervalSteps: params.interval_steps,
  };
  const finished = (state: "complete" | "pruned") => (pairs: Json): FinishedTrial => ({
    trial: 0,
    state,
    assignment: {},
    value: state === "complete" ? 0 : null,
    reports: [...reportsOf(pairs)],
  });
  const others = [
    ...params.complete.map(finished("complete")),
    ...(params.pruned ?? []).map(finished("pruned")),
  ];
  const running = reportsOf(params.running);
  const decisions = running.map(([step], i): [number, boolean] => [
    step,
    shouldPrune(pruner, running.slice(0, i + 1), others, params.direction),
  ]);
  return {
    values: { prune: decisions, first: decisions.find(([, isPruned]) => isPruned)?.[0] ?? null },
  };
};

const tpeScore: Runner = ({ params }) => {
  const trials = params.history.map(([value, objective]: Json, trial: number): FinishedTrial => ({
    trial,
    state: "complete",
    assignment: { [params.parameter]: value },
    value: objective,
    reports: [],
  }));
  const given = distributionOf(params.distribution);
  const lesson = lessonOf(trials, params.direction);
  const [better, others] = [lesson.better, lesson.others].map((part) =>
    estimateOf(params.parameter, given, part)
  );
  const logL: number[] = params.candidates.map(better.logDensity);
  const logG: number[] = params.candidates.map(others.logDensity);
  const score = logL.map((value, i) => value - logG[i]);
  return {
    values: {
      n_below: lesson.better.length,
      below: lesson.better.map(({ trial }) => trial),
      log_l: logL,
      log_g: logG,
      score,
      ranking: score.map((_, i) => i).sort((a, b) => score[b] - score[a]),
    },
  };
};

function distributionOf({ type, choices, low, high, log, step }: Json): ParameterDistribution {
  switch (type) {
    case "CategoricalDistribution":
      return { type: "categorical", choices };
    case "IntDistribution":
      return { type: "int", low, high, log, step };
    default:
      return { type: "float", low, high, log, ...(step === null || step === undefined ? {} : { step }) };
  }
}

export const runners: Record<string, Runner> = {
  "tuning.median_pruner": medianPruner,
  "tuning.tpe_score": tpeScore,
};
