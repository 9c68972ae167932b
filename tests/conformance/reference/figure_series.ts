/** The series that the reference reads back from its tables of ranks; the product draws them from the figures. */

import type { Fidelity } from "../../../lib/fidelity.ts";
import { parseNumber } from "../../../lib/report/tables/number_text.ts";
import { TableError } from "../../../lib/report/tables/table_error.ts";

/**
 * The first `count` values of every table.
 *
 * @param tables texts of Markdown, by name
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
