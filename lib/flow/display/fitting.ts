/** Lines that fit a terminal. */

import stringWidth from "string-width";
import { oneLine, printable } from "./printable.ts";

/** In characters. */
export interface TerminalSize {
  readonly columns: number;
  readonly rows: number;
}

/** The size of a terminal that does not report one. */
const COLUMNS = 80;
const ROWS = 24;

/** As much of a line as fits: one that wraps would be two lines, and the cursor would go up too little. */
export function fitting(text: string, columns: number): string {
  let line = "";
  let width = 0;
  for (const { segment } of new Intl.Segmenter().segment(printable(oneLine(text)))) {
    width += stringWidth(segment);
    if (width >= columns) break;
    line += segment;
  }
  return line;
}

/** What `size` tells, which fails where the terminal has gone. */
export function sizeOf(size: () => TerminalSize): TerminalSize {
  try {
    const { columns, rows } = size();
    return { columns: columns || COLUMNS, rows: rows || ROWS };
  } catch {
    return { columns: COLUMNS, rows: ROWS };
  }
}
