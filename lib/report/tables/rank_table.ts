/** The tables behind Figure 2: a mean for each rank of an image's masks, and the series drawn from them. */

import type { Fidelity } from "../../fidelity.ts";
import { markdownTable } from "./markdown.ts";
import { parseNumber } from "./number_text.ts";
import { TableError } from "./table_error.ts";

/** The name of the column, the same for sizes and overlaps. */
const COLUMN = "Mean Mask Size";

/** Ranks are counted from 1. */
export function rankMarkdown(means: readonly number[]): string {
  return markdownTable([
    { header: "", numbers: means.map((_, rank) => rank + 1) },
    { header: COLUMN, numbers: means },
  ]);
}

/**
 * The first `count` values of every table.
 *
 * @param tables from {@link rankMarkdown}, by name
 * @param fidelity `reference`: the row of dashes is a first value unless it begins with `|----`, as for 100 ranks and
 * more, and all series are cut or padded with NaN to the length of the first
 * @throws {TableError} when a text is not such a table.
 */
export function figureSeries(
  tables: Readonly<Record<string, string>>,
  count: number,
  fidelity: Fidelity,
): Record<string, (number | string)[]> {
  const series = Object.entries(tables).map(([name, text]): [string, (number | string)[]] => {
    const [, rule, ...rows] = text.split("\n").filter((line) => line.trim() !== "");
    if (!rule?.startsWith("|-")) {
      throw new TableError(
        `"${name}" is not a table of ranks, which has a row of dashes below its header: "${
          text.slice(0, 60)
        }"`,
      );
    }
    const isKept = fidelity === "reference" && !rule.startsWith("|----");
    const values = (isKept ? [rule, ...rows] : rows).slice(0, count).map((row) => lastCell(row, name));
    return [name, values];
  });
  if (fidelity === "intended") return Object.fromEntries(series);
  const length = series[0]?.[1].length ?? 0;
  return Object.fromEntries(
    series.map((
      [name, values],
    ) => [name, Array.from({ length }, (_, i) => i < values.length ? values[i] : NaN)]),
  );
}

/** The value of a row; the text of the row of dashes, if that is read as a value. */
function lastCell(row: string, table: string): number | string {
  const text = row.split("|")[2]?.trim();
  if (text === undefined) throw new TableError(`a row of "${table}" has no second column: "${row}"`);
  if (/^-+:$/.test(text)) return text;
  const value = parseNumber(text);
  if (Number.isNaN(value) && text !== "nan") {
    throw new TableError(`a row of "${table}" has no number: "${row}"`);
  }
  return value;
}
