/** The user's words for paths in a work folder, which is gone when its errors and log are read. */

import type { ResolvedInput } from "../key/resolve.ts";
import { keyNow } from "../store/late_view.ts";
import type { Workspace } from "./workspace.ts";

/**
 * `text` with every path of an input as the user knows it, the path of a source or the name of the task whose output it
 * is, and every other path of the work folder relative to it.
 */
export function inUserWords(
  text: string,
  { cwd, inputs: paths }: Pick<Workspace, "cwd" | "inputs">,
  inputs: readonly ResolvedInput[],
): string {
  if (!text.includes(cwd)) return text;
  const seen: Record<string, number> = {};
  const words = inputs.flatMap((input): [path: string, word: string][] => {
    const position = seen[input.name] ??= 0;
    seen[input.name]++;
    const path = paths[input.name]?.[position];
    if (path === undefined) return [];
    return [[path, input.from === "source" ? input.source.path : `the output of ${input.task}`]];
  });
  // The longest first: the path of one input may begin with that of another.
  words.sort(([a], [b]) => b.length - a.length);
  for (const [path, word] of words) text = text.replaceAll(path, () => word);
  return text.replaceAll(`${cwd}/`, "");
}

/** A longer log is kept as it was printed. */
const LONGEST_LOG = 16 << 20;

/** Puts the user's words in the place of the work folder's paths in what a process has printed. */
export function translateLog(workspace: Workspace, inputs: readonly ResolvedInput[]): void {
  const { logFile } = workspace;
  const size = keyNow(logFile)?.size ?? 0;
  if (size === 0 || size > LONGEST_LOG) return;
  try {
    const text = Deno.readTextFileSync(logFile);
    const translated = inUserWords(text, workspace, inputs);
    if (translated !== text) Deno.writeTextFileSync(logFile, translated);
  } catch {
    // The disk is full, or the file is gone: the log stays as it is.
  }
}
