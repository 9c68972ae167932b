/** The trials of a search as a table to read and to copy. */

import type { Value } from "./space.ts";
import { bestOf, type Direction, type FinishedTrial } from "./trial.ts";

/** A table in Markdown: a row a trial in their order, with its values, its objective, and the best objective so far. */
export function trialTable(trials: readonly FinishedTrial[], direction: Direction): string {
  const names = [...new Set(trials.flatMap(({ assignment }) => Object.keys(assignment)))];
  let best: FinishedTrial | undefined;
  const rows = trials.map((one) => {
    const { trial, state, assignment, value } = one;
    best = bestOf(best ? [best, one] : [one], direction);
    return [
      String(trial),
      ...names.map((name) => cell(assignment[name])),
      value === null ? state : cell(value),
      cell(best?.value ?? undefined),
    ];
  });
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |\n`;
  const header = ["trial", ...names, "objective", "best so far"];
  return line(header) + line(header.map(() => "---:")) + rows.map(line).join("");
}

function cell(value: Value | undefined): string {
  if (value === undefined) return "";
  return typeof value === "number" && !Number.isInteger(value)
    ? String(Number(value.toPrecision(6)))
    : String(value);
}
