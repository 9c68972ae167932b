/** Printing of the verbs. */

import { writeAll } from "../display/write_all.ts";

export function print(...lines: string[]): void {
  if (lines.length > 0) writeAll(Deno.stdout, lines.join("\n") + "\n");
}

/** For what a person should know of the output, and a program that reads it should not meet. */
export function note(text: string): void {
  writeAll(Deno.stderr, `note: ${text}\n`);
}

/** For what went wrong without changing the outcome. */
export function warn(problem: string): void {
  writeAll(Deno.stderr, `warning: ${problem}\n`);
}

export function printJson(...objects: object[]): void {
  print(...objects.map((object) => JSON.stringify(object)));
}

/** Rows as columns of equal width. */
export function table(rows: readonly (readonly string[])[]): string[] {
  const widths = rows.reduce<number[]>(
    (found, row) => row.map((cell, i) => Math.max(cell.length, found[i] ?? 0)),
    [],
  );
  return rows.map((row) => row.map((cell, i) => cell.padEnd(widths[i])).join("  ").trimEnd());
}
