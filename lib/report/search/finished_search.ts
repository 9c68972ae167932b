/** A search as its report shows it, and what its sections have in common. */

import type { Direction, FinishedTrial } from "../../tuning/trial.ts";
import type { SearchSpace } from "../../tuning/space.ts";
import { valueText } from "../../tuning/value_text.ts";
import { type Axis, type Ends, extent, logAxis, numberAxis } from "../charts/chart_frame.ts";
import type { PointSort, ScatterPoint } from "../charts/scatter_chart.ts";

/** The trials of a search with what they were to find. */
export interface FinishedSearch {
  readonly space: SearchSpace;
  readonly direction: Direction;
  /** What the objective is called. */
  readonly objective: string;
  /** By their place in the search. */
  readonly trials: readonly FinishedTrial[];
}

/** How trials are marked in charts. */
export const SORTS: Readonly<Record<FinishedTrial["state"], PointSort>> = {
  complete: { name: "complete", mark: "dot", colour: 1 },
  pruned: { name: "pruned, at its last value", mark: "diamond", colour: 4 },
  failed: { name: "failed, without a value", mark: "cross", colour: 3 },
};

/** Above this ratio of the greatest to the least, positive values are shown by their logarithms. */
const WIDE = 1000;

/** An arrow to the better side. */
export function arrow({ direction }: FinishedSearch): string {
  return direction === "maximize" ? "↑" : "↓";
}

/** The objective of a complete trial, or what a pruned one reported last; undefined where it is no number. */
export function shownValue({ value, reports }: FinishedTrial): number | undefined {
  const last = reports.toSorted(([a], [b]) => a - b).at(-1);
  return value ?? last?.[1] ?? undefined;
}

/** An axis for the objective; undefined where no trial has a value. */
export function objectiveAxis({ trials }: FinishedSearch, range: Ends): Axis | undefined {
  const values = trials.flatMap((trial) => shownValue(trial) ?? []);
  if (values.length === 0) return undefined;
  const [least, most] = extent(values);
  return least > 0 && most / least > WIDE
    ? logAxis([least, most], range, 6)
    : numberAxis([least, most], range, 5, false);
}

/** A trial as a point at `x`. @param where what the readout says of its place */
export function trialPoint<X>(trial: FinishedTrial, x: X, where: string): ScatterPoint<X> {
  const y = shownValue(trial);
  const result = y === undefined ? "no value" : valueText(y);
  const state = trial.state === "complete" ? "" : ` (${trial.state})`;
  return { x, y, sort: SORTS[trial.state], text: `${where}: ${result}${state}` };
}
