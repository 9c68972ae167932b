/** The trials of a search as a table to read and to copy. */

import type { Value } from "./space.ts";
import { bestOf, type Direction, type FinishedTrial } from "./trial.ts";

/** A table in Markdown: a row a trial in their order, with its values, its objective, and the best objective so far. */
export function trialTable(trials: readonly FinishedTrial[], direction: Direction): string {
  const names = [...new Set(trials.flatMap(({ assignment }) => Object.keys(assignment)))];
  const rows = trials.map(({ trial, state, assignment, value }, i) => [
    String(trial),
    ...names.map((name) => cell(assignment[name])),
    value === null ? state : cell(value),
    cell(bestOf(trials.slice(0, i + 1), direction)?.value ?? undefined),
  ]);
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
