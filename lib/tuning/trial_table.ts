/** The trials of a search as a table to read and to copy. */

import { bestOf, type Direction, type FinishedTrial } from "./trial.ts";
import { valueText } from "./value_text.ts";

/** The head of a table, and a row a trial in their order: its values, its objective, and the best objective so far. */
export function trialRows(trials: readonly FinishedTrial[], direction: Direction): string[][] {
  const names = [...new Set(trials.flatMap(({ assignment }) => Object.keys(assignment)))];
  let best: FinishedTrial | undefined;
  const rows = trials.map((one) => {
    const { trial, state, assignment, value } = one;
    best = bestOf(best ? [best, one] : [one], direction);
    return [
      String(trial),
      ...names.map((name) => Object.hasOwn(assignment, name) ? valueText(assignment[name]) : ""),
      state === "complete" ? valueText(value!) : state,
      best ? valueText(best.value!) : "",
    ];
  });
  return [["trial", ...names, "objective", "best so far"], ...rows];
}

/** The same in Markdown. */
export function trialTable(trials: readonly FinishedTrial[], direction: Direction): string {
  const [header, ...rows] = trialRows(trials, direction);
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |\n`;
  return line(header) + line(header.map(() => "---:")) + rows.map(line).join("");
}
