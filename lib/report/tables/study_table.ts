/** A table of the study: a row for each model and data set, each figure beside the published one. */

import {
  type ComparedCell,
  comparePublished,
  printed,
  printedDeviation,
} from "../published/compare_published.ts";
import { publishedCell } from "../published/published_figures.ts";
import { csvTable } from "./csv.ts";
import { latexTable, latexText } from "./latex.ts";
import { markdownTable } from "./markdown.ts";
import type { RunResults } from "./statistics.ts";

/** The runs of a row. */
export interface ReportedRow {
  /** The name of the published row, if there is one. */
  readonly name?: string;
  /** How the table calls it. */
  readonly title: string;
  /** The figures of each run; none if the row was not run. */
  readonly runs: readonly RunResults[];
  /** Why a figure is missing. */
  readonly missing: (column: string) => string;
}

/** A table of rows and columns. */
export interface StudyTable {
  readonly columns: readonly string[];
  readonly rows: readonly {
    readonly name?: string;
    readonly title: string;
    /** By column. */
    readonly cells: readonly ComparedCell[];
  }[];
}

/**
 * Mean and sample standard deviation of each figure over the runs of each row, compared with the published ones.
 *
 * @param publishedOf the published cell of a row and a column
 */
export function studyTable(
  columns: readonly string[],
  rows: readonly ReportedRow[],
  publishedOf = publishedCell,
): StudyTable {
  return {
    columns,
    rows: rows.map(({ name, title, runs, missing }) => ({
      ...(name !== undefined && { name }),
      title,
      cells: columns.map((column) =>
        comparePublished(
          runs.map((run) => run[column]),
          name === undefined ? undefined : publishedOf(name, column),
          missing(column),
        )
      ),
    })),
  };
}

/** Our figures, and behind each what the paper has. */
export function studyMarkdown({ columns, rows }: StudyTable): string {
  return markdownTable([
    { header: "", text: rows.map(({ title }) => title) },
    ...columns.map((header, i) => ({ header, text: rows.map(({ cells }) => markdownCell(cells[i])) })),
  ]);
}

function markdownCell({ ours, published, sigmas, verdict }: ComparedCell): string {
  const own = ours ? printed(ours) : "–";
  if (!published) return own;
  const compared = sigmas === undefined ? verdict : `${printedDeviation(sigmas)}, ${verdict}`;
  return `${own} (published ${printed(published)}: ${compared})`;
}

/** Our figures alone, in the layout of the paper. */
export function studyLatex({ columns, rows }: StudyTable): string {
  return latexTable(
    ["", ...columns.map(latexText)],
    rows.map(({ title, cells }) => [
      latexText(title),
      ...cells.map(({ ours }) => ours ? printed(ours, "$\\pm$") : "--"),
    ]),
  );
}

/** A line for each cell, with numbers of its own for our figure, the published one and their difference. */
export function studyCsv({ columns, rows }: StudyTable): string {
  const number = (value: number | undefined) => value ?? "";
  return csvTable([
    ["row", "model", "figure", "runs", "mean", "std", "published mean", "published std", "sigmas", "verdict"],
    ...rows.flatMap(({ name, title, cells }) =>
      cells.map(({ runs, ours, published, sigmas, verdict }, i) => [
        name ?? "",
        title,
        columns[i],
        runs,
        number(ours?.mean),
        number(ours?.std),
        number(published?.mean),
        number(published?.std),
        number(sigmas),
        verdict ?? "",
      ])
    ),
  ]);
}
