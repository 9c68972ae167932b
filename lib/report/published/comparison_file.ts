/** All compared cells of a report in a file of JSON, for programs. */

import { type ComparedCell, printed, type Verdict } from "./compare_published.ts";

/** A cell with its place in the tables. */
export interface PlacedCell extends ComparedCell {
  readonly row: string;
  readonly column: string;
}

/** One line of the file. */
interface ComparedLine {
  readonly row: string;
  readonly column: string;
  readonly verdict: Verdict;
  /** As in the tables, such as `85.10 ± 0.25`. */
  readonly ours?: string;
  readonly published?: string;
  /** In published standard deviations; infinity, which JSON lacks, is left out. */
  readonly deviation?: number;
}

/** The text of the file: `{ cells: [{ row, column, verdict, ours?, published?, deviation? }] }`; one line a cell. */
export function comparisonFile(cells: readonly PlacedCell[]): string {
  const lines = cells.flatMap(({ row, column, verdict, ours, published, sigmas }): ComparedLine[] =>
    verdict === undefined ? [] : [{
      row,
      column,
      verdict,
      ...(ours && { ours: printed(ours) }),
      ...(published && { published: printed(published) }),
      ...(sigmas !== undefined && Number.isFinite(sigmas) && { deviation: sigmas }),
    }]
  );
  return `{"cells":[\n${lines.map((line) => JSON.stringify(line)).join(",\n")}\n]}\n`;
}
