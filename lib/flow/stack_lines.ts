/** The lines of a stack in the log of a task: they are for whoever opens the log, and are not shown with its last lines. */

const MARK = "[stack] ";

/** An error with its causes as text, each line of a stack marked as one. */
export function withMarkedStack(error: unknown): string {
  const lines = textOf(error).split("\n");
  return lines.map((line) => (/^\s+at /.test(line) ? `${MARK}${line.trim()}` : line)).join("\n");
}

/** Is the line part of a stack? */
export function isStackLine(line: string): boolean {
  return line.startsWith(MARK);
}

function textOf(error: unknown): string {
  if (!(error instanceof Error)) return Deno.inspect(error, { colors: false });
  const cause = error.cause === undefined ? "" : `\nCaused by: ${textOf(error.cause)}`;
  return `${error.stack ?? error.message}${cause}`;
}
