/** The tables of a paper: mean ± standard deviation over runs, a row for each data set. */

import type { Fidelity } from "../../fidelity.ts";
import { latexTable, rowName } from "./latex.ts";
import { format2, parseNumber } from "./number_text.ts";
import { type RunResults, runStatistics } from "./statistics.ts";
import { TableError } from "./table_error.ts";

/** A table of text cells. */
export interface PaperTable {
  readonly columns: readonly string[];
  /** The cells of each row, by column. */
  readonly rows: ReadonlyMap<string, ReadonlyMap<string, string>>;
}

/**
 * `mean $\pm$ std` of every figure, from the two decimals that {@link runStatistics} prints; `intended`: the mean alone of one
 * run, which has no spread.
 *
 * @param groups the results of the runs of each row, by the row's name
 * @throws {TableError} when there is no row, when rows differ in their columns, or when a mean is infinite.
 */
export function paperTable(
  groups: Readonly<Record<string, readonly RunResults[]>>,
  fidelity: Fidelity = "intended",
): PaperTable {
  const rows = new Map<string, Map<string, string>>();
  let columns: readonly string[] | undefined;
  for (const [name, runs] of Object.entries(groups)) {
    const statistics = runStatistics(runs, fidelity);
    columns ??= statistics.columns;
    if (columns.join("\n") !== statistics.columns.join("\n")) {
      throw new TableError(
        `row "${name}" has the columns ${statistics.columns.join(", ")}, but the first row has ` +
          `${columns.join(", ")}; all rows need the same columns`,
      );
    }
    const cells = columns.map((column, i): [string, string] => {
      const mean = parseNumber(statistics.cells.mean[i]);
      if (!Number.isFinite(mean)) {
        throw new TableError(
          `"${column}" of "${name}" has the mean ${mean}; the table needs finite figures`,
        );
      }
      const spread = fidelity === "intended" && runs.length === 1
        ? ""
        : ` $\\pm$ ${format2(parseNumber(statistics.cells.std[i]))}`;
      return [column, `${format2(mean)}${spread}`];
    });
    rows.set(name, new Map(cells));
  }
  if (!columns) {
    throw new TableError("the table has no rows; give the runs of at least one data set");
  }
  return { columns, rows };
}

/** The table in LaTeX, with a blank on each side of a column's name, as in the reference implementation. */
export function paperLatex({ columns, rows }: PaperTable): string {
  return latexTable(
    ["", ...columns.map((column) => ` ${column} `)],
    [...rows].map(([name, cells]) => [rowName(name), ...columns.map((column) => cells.get(column)!)]),
  );
}
