/** The published figures by row and column, read from the transcribed tables. */

import { EXPLANATION_COLUMNS, PERFORMANCE_COLUMNS } from "../../evaluate/evaluation_file.ts";
import { TABLE_I, TABLE_II } from "./published_tables.ts";

/** A published figure, in the units of the column: mean and sample standard deviation over runs. */
export interface PublishedFigure {
  readonly mean: number;
  readonly std: number;
}

/** `none`: the paper has no such figure; `open`: it has not been transcribed. */
export type PublishedCell = PublishedFigure | "none" | "open";

/** The names of the published rows, which are those of their workflows, in the order of the tables. */
export const PUBLISHED_ROWS: readonly string[] = Object.keys(TABLE_I);

const CELL = /^(-?\d+(?:\.\d+)?) ± (\d+(?:\.\d+)?)$/;

/**
 * A cell as it is written in the tables.
 *
 * @throws {RangeError} if the text is of another form.
 */
export function parsePublishedCell(text: string): PublishedCell {
  if (text === "–") return "none";
  if (text === "?") return "open";
  const parts = CELL.exec(text);
  if (!parts) {
    throw new RangeError(
      `a published figure is "${text}"; write the mean and the standard deviation as "85.10 ± 0.25"`,
    );
  }
  return { mean: Number(parts[1]), std: Number(parts[2]) };
}

/**
 * The published figure of a row, by its name, in a column of the evaluation; undefined if the paper has no
 * such row or column.
 */
export function publishedCell(row: string, column: string): PublishedCell | undefined {
  const tables: [Readonly<Record<string, readonly string[]>>, readonly string[]][] = [
    [TABLE_I, PERFORMANCE_COLUMNS],
    [TABLE_II, EXPLANATION_COLUMNS],
  ];
  for (const [rows, columns] of tables) {
    const place = columns.indexOf(column);
    if (place >= 0 && Object.hasOwn(rows, row)) return parsePublishedCell(rows[row][place]);
  }
}
