/** Tables in LaTeX, in the rules of the package booktabs. */

/** A row's name, in which `%` is escaped, and its cells. */
export interface LatexRow {
  readonly name: string;
  readonly cells: readonly string[];
}

/** A table of left-aligned cells; cells and column names stand as they are given. */
export function latexTable(columns: readonly string[], rows: readonly LatexRow[]): string {
  const line = (cells: readonly string[]) => `${cells.join(" & ")} \\\\\n`;
  const body = rows.map(({ name, cells }) => line([name.replaceAll("%", "\\%"), ...cells])).join("");
  return `\\begin{tabular}{${"l".repeat(columns.length + 1)}}\n\\toprule\n${line(["", ...columns])}` +
    `\\midrule\n${body}\\bottomrule\n\\end{tabular}\n`;
}
