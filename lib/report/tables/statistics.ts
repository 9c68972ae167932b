/** Statistics over runs: mean, spread and percentiles of every figure. */

import type { Fidelity } from "../../fidelity.ts";
import { latexTable, rowName } from "./latex.ts";
import { markdownTable } from "./markdown.ts";
import { format2, parseNumber } from "./number_text.ts";
import { TableError } from "./table_error.ts";

/** The figures of one run, by name; a name with other values than numbers gets no column. */
export type RunResults = Readonly<Record<string, unknown>>;

export const STATISTICS = ["count", "mean", "std", "min", "25%", "50%", "75%", "max"] as const;

export type Statistic = typeof STATISTICS[number];

export interface StatisticsTable {
  readonly columns: readonly string[];
  /** A value per column for each statistic; undefined values, such as the spread of one run, are 0. */
  readonly rows: Readonly<Record<Statistic, readonly number[]>>;
  /** The values with two decimals. */
  readonly cells: Readonly<Record<Statistic, readonly string[]>>;
}

/**
 * Statistics of the figures of several runs. NaN is left out and not counted; the standard deviation divides by
 * n − 1; percentiles are interpolated linearly.
 *
 * @param runs at least one; the first run's names are the columns
 * @param fidelity `reference`: values are taken by their position in each run; `intended`: by their name
 * @throws {TableError} when there is no run, or one lacks a figure that the first has.
 */
export function runStatistics(
  runs: readonly RunResults[],
  fidelity: Fidelity = "intended",
): StatisticsTable {
  if (runs.length === 0) {
    throw new TableError("there are no runs to compute statistics of; give at least one");
  }
  const names = Object.keys(runs[0]);
  const columns: string[] = [];
  const described: Record<Statistic, number>[] = [];
  names.forEach((name, position) => {
    const values = runs.map((run, i) => valueOf(run, i, name, position, fidelity));
    if (!values.every((value) => typeof value === "number")) return;
    columns.push(name);
    described.push(describe(values as number[]));
  });
  const table = <T>(format: (value: number) => T) =>
    Object.fromEntries(
      STATISTICS.map((statistic) => [statistic, described.map((column) => format(column[statistic]))]),
    ) as Record<Statistic, T[]>;
  return { columns, rows: table((value) => value), cells: table(format2) };
}

/** The table in Markdown; cells are printed from their two decimals, without trailing zeros. */
export function statisticsMarkdown({ columns, cells }: StatisticsTable): string {
  return markdownTable([
    { header: "", text: STATISTICS },
    ...columns.map((header, i) => ({
      header,
      numbers: STATISTICS.map((statistic) => parseNumber(cells[statistic][i])),
    })),
  ]);
}

/** The table in LaTeX, with two decimals. */
export function statisticsLatex({ columns, cells }: StatisticsTable): string {
  return latexTable(["", ...columns], STATISTICS.map((name) => [rowName(name), ...cells[name]]));
}

function valueOf(
  run: RunResults,
  index: number,
  name: string,
  position: number,
  fidelity: Fidelity,
): unknown {
  const values = Object.values(run);
  const isPresent = fidelity === "intended" ? name in run : position < values.length;
  if (!isPresent) {
    throw new TableError(
      `run ${index} has no "${name}", but the first run has; it has ${
        Object.keys(run).join(", ") || "nothing"
      }`,
    );
  }
  return fidelity === "intended" ? run[name] : values[position];
}

function describe(given: readonly number[]): Record<Statistic, number> {
  const values = given.filter((value) => !Number.isNaN(value)).sort((a, b) => a - b);
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  const statistics = {
    "count": values.length,
    "mean": mean,
    "std": values.length < 2 ? NaN : Math.sqrt(squares / (values.length - 1)),
    "min": values[0],
    "25%": percentile(values, 0.25),
    "50%": percentile(values, 0.5),
    "75%": percentile(values, 0.75),
    "max": values[values.length - 1],
  };
  return Object.fromEntries(
    STATISTICS.map((name) => [name, Number.isNaN(statistics[name] ?? NaN) ? 0 : statistics[name]]),
  ) as Record<Statistic, number>;
}

/** Linear interpolation between the nearest ranks of ascending values; NaN if there are none, or one is infinite. */
function percentile(ascending: readonly number[], fraction: number): number {
  const rank = fraction * (ascending.length - 1);
  const low = Math.floor(rank);
  const below = ascending[low];
  const above = ascending[Math.min(low + 1, ascending.length - 1)];
  const weight = rank - low;
  return weight < 0.5 ? below + (above - below) * weight : above - (above - below) * (1 - weight);
}
