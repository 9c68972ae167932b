/** The one place that writes to standard output and standard error: everything on its way there is made printable. */

import { oneLine, printable, printableJson } from "./printable.ts";

interface Stream {
  writeSync(bytes: Uint8Array): number;
}

const CLEAR_BELOW = "\x1b[J";
const RETRY_MS = 5;
const SOON_MS = 50;
const SOON_CHARACTERS = 4096;
const encoder = new TextEncoder();
/** Streams that take nothing any more, with the error that they gave. */
const closed = new Map<Stream, Error>();
/** Printed soon, and the timer that sees to it. */
let soon = "";
let flushing: ReturnType<typeof setTimeout> | undefined;

/** Lines on standard output. */
export function print(...lines: string[]): void {
  if (lines.length > 0) write(Deno.stdout, printable(lines.join("\n") + "\n"));
}

/**
 * A line on standard output that may wait a moment for others, for lines that come by the thousand: each call of the system
 * wakes up whoever reads them. It comes before whatever is printed later.
 */
export function printSoon(line: string): void {
  soon += printable(`${line}\n`);
  if (soon.length > SOON_CHARACTERS) return flush();
  flushing ??= setTimeout(flush, SOON_MS);
}

/** Text on standard output as it is, such as help. */
export function printText(text: string): void {
  write(Deno.stdout, printable(text));
}

/** One JSON object a line on standard output. */
export function printJson(...objects: object[]): void {
  if (objects.length > 0) {
    write(Deno.stdout, objects.map((object) => printableJson(object) + "\n").join(""));
  }
}

/** Text on standard error as it is. */
export function printError(text: string): void {
  write(Deno.stderr, printable(text));
}

/** Prints a note for people, which must not appear in output that programs read. */
export function note(text: string): void {
  printError(`note: ${text}\n`);
}

/** Prints a warning: a problem that did not change the outcome. */
export function warn(problem: string): void {
  printError(`warning: ${problem}\n`);
}

/**
 * Redraws the last lines of a terminal.
 *
 * @param drawn the number of lines drawn last time; they are replaced
 * @param above lines that stay, above those that will be redrawn
 */
export function redraw(drawn: number, above: readonly string[], lines: readonly string[]): void {
  const up = drawn > 0 ? `\x1b[${drawn}A\r` : "\r";
  const text = [...above, ...lines.map(oneLine)].map((line) => printable(line) + "\n").join("");
  write(Deno.stdout, up + CLEAR_BELOW + text);
}

/**
 * Why standard output did not take everything, such as a full disk; undefined where it did, and where its reader has
 * gone (`… | head`). Printing never throws: a run is worth more than its lines.
 */
export function outputProblem(): Error | undefined {
  const error = closed.get(Deno.stdout);
  return error instanceof Deno.errors.BrokenPipe ? undefined : error;
}

function flush(): void {
  clearTimeout(flushing);
  flushing = undefined;
  const text = soon;
  soon = "";
  if (text !== "") writeNow(Deno.stdout, text);
}

function write(stream: Stream, text: string): void {
  flush();
  writeNow(stream, text);
}

/** Synchronous, and patient with a slow reader. */
function writeNow(stream: Stream, text: string): void {
  if (closed.has(stream)) return;
  let rest = encoder.encode(text);
  while (rest.length > 0) {
    try {
      rest = rest.subarray(stream.writeSync(rest));
    } catch (error) {
      if (!(error instanceof Deno.errors.WouldBlock)) return void closed.set(stream, error as Error);
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, RETRY_MS);
    }
  }
}
