/** A search of 24 trials with all that a page of it can show. */

import { searchReport } from "../../../lib/report/search/search_report.ts";
import { type SearchSpace, space } from "../../../lib/tuning/space.ts";
import type { FinishedTrial } from "../../../lib/tuning/trial.ts";
import { HOSTILE } from "../content.ts";

export const SPACE: SearchSpace = space.parse({
  "joint.rate": { type: "float", low: 1e-5, high: 1e-1, log: true },
  depth: { type: "int", low: 1, high: 9 },
  smoothing: { type: "float", low: 0, high: 1, step: 0.25 },
  name: { type: "categorical", choices: ["round", HOSTILE, true, 3] },
});

export const TRIALS: readonly FinishedTrial[] = Array.from({ length: 24 }, (_, trial): FinishedTrial => {
  const rate = 10 ** -(1 + (trial * 7 % 24) / 6);
  const depth = 1 + trial * 5 % 9;
  const assignment = {
    "joint.rate": rate,
    depth,
    smoothing: trial % 5 / 4,
    name: SPACE.name.type === "categorical" ? SPACE.name.choices[trial % 4] : "",
  };
  const value = (Math.log10(rate) + 3) ** 2 + depth / 10;
  const reports = [1, 2, 3, 4].map((step): [number, number] => [step, value + 1 / step]);
  if (trial % 8 === 5) {
    return { trial, state: "pruned", assignment, value: null, reports: reports.slice(0, 2) };
  }
  if (trial === 7) return { trial, state: "failed", assignment, value: null, reports: [[1, null]] };
  return { trial, state: "complete", assignment, value, reports };
});

/** The files of the report. */
export function searchFiles(trials: readonly FinishedTrial[] = TRIALS): Record<string, string> {
  return searchReport(HOSTILE, { space: SPACE, direction: "minimize", objective: "loss", trials });
}
