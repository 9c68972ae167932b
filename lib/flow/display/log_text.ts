/** Reads logs of tasks as text. Logs can be long, so only the part that is shown is in memory. */

import { isStackLine } from "../stack_lines.ts";
import { openPlain } from "../store/plain_file.ts";

/** The last lines of a log are looked for in so many bytes at its end. */
const TAIL_BYTES = 64 * 1024;
const CHUNK_BYTES = 64 * 1024;

/** The last `count` lines of a log, without stack traces; undefined if it can't be read. */
export function lastLines(path: string, count: number): string[] | undefined {
  try {
    using file = openPlain(path);
    const { size } = file.statSync();
    file.seekSync(Math.max(0, size - TAIL_BYTES), Deno.SeekMode.Start);
    const lines = [...linesOf(file)].flat().filter((line) => !isStackLine(line));
    while (lines.at(-1)?.trim() === "") lines.pop();
    return lines.slice(-count);
  } catch {
    return undefined;
  }
}

/** The lines of a log, some at a time. A line that is very long comes in parts. */
export function* logLines(path: string): Generator<string[]> {
  using file = openPlain(path);
  yield* linesOf(file);
}

function* linesOf(file: Deno.FsFile): Generator<string[]> {
  const decoder = new TextDecoder();
  const chunk = new Uint8Array(CHUNK_BYTES);
  let rest = "";
  for (let read = file.readSync(chunk); read !== null; read = file.readSync(chunk)) {
    const lines = (rest + decoder.decode(chunk.subarray(0, read), { stream: true })).split("\n");
    rest = lines.pop()!;
    if (rest.length > CHUNK_BYTES) {
      lines.push(rest);
      rest = "";
    }
    yield lines;
  }
  rest += decoder.decode();
  if (rest !== "") yield [rest];
}
