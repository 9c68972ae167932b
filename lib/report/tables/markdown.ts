/** Tables in Markdown, in the layout of the format "pipe" of the Python package tabulate. */

import { formatGeneral } from "./number_text.ts";

/** A column is at least this much wider than its header. */
const HEADER_PADDING = 2;

/** A column of numbers, or of text. */
export type MarkdownColumn =
  | { readonly header: string; readonly numbers: readonly number[] }
  | { readonly header: string; readonly text: readonly string[] };

/**
 * Numbers are printed with six significant digits and aligned at the decimal point, text to the left.
 *
 * @param columns of one length
 */
export function markdownTable(columns: readonly MarkdownColumn[]): string {
  const laidOut = columns.map(layOut);
  const rows = laidOut[0]?.cells.map((_, row) => laidOut.map(({ cells }) => cells[row])) ?? [];
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  return [
    line(laidOut.map(({ header }) => header)),
    `|${laidOut.map(({ rule }) => rule).join("|")}|`,
    ...rows.map(line),
  ].join("\n");
}

function layOut(column: MarkdownColumn): { header: string; rule: string; cells: string[] } {
  const cells = "text" in column ? [...column.text] : alignedAtPoint(column.numbers.map(formatGeneral));
  const width = Math.max(column.header.length + HEADER_PADDING, ...cells.map((cell) => cell.length));
  const pad = (text: string) => "text" in column ? text.padEnd(width) : text.padStart(width);
  const dashes = "-".repeat(width + 1);
  return {
    header: pad(column.header),
    rule: "text" in column ? `:${dashes}` : `${dashes}:`,
    cells: cells.map(pad),
  };
}

/** Pads numbers on the right so that their decimal points, or exponents if there is no point, are aligned. */
function alignedAtPoint(texts: readonly string[]): string[] {
  const decimals = texts.map((text) => {
    const point = text.includes(".") ? text.lastIndexOf(".") : text.lastIndexOf("e");
    return point < 0 ? -1 : text.length - point - 1;
  });
  const most = Math.max(...decimals);
  return texts.map((text, i) => text + " ".repeat(most - decimals[i]));
}
