/** The log of a trial: a line of JSON a step, and a last line that says how the trial ended if that was early. */

import { z } from "zod";
import { type MedianPruner, shouldPrune } from "./median_pruner.ts";
import type { Direction, FinishedTrial, Reports } from "./trial.ts";

/** What leads to the number of a step, and to the value after it, in each line; with dots. */
export const reportPaths = z.strictObject({
  step: z.string().min(1),
  value: z.string().min(1),
});

export type ReportPaths = z.output<typeof reportPaths>;

/** In place of a file of a task that ended early, and as the last line of a log that was cut. */
const end = z.strictObject({ ended: z.enum(["pruned", "failed"]) });

export interface TrialLog {
  /** The lines without that of the end. */
  readonly lines: readonly string[];
  /** The values at the lines that have one. */
  readonly reports: Reports;
  readonly ended?: "pruned" | "failed";
}

/** How a task ended early, if that is what `content` says in place of its result. */
export function endIn(content: unknown): "pruned" | "failed" | undefined {
  return end.safeParse(content).data?.ended;
}

/** @throws Error where a line is not JSON, or its step or value is no number; it names the line */
export function readTrialLog(text: string, paths: ReportPaths): TrialLog {
  const lines = text.split("\n").filter((line) => line !== "");
  const parsed = lines.map((line, i) => parseLine(line, i + 1));
  const ended = endIn(parsed.at(-1));
  const count = ended === undefined ? lines.length : lines.length - 1;
  const reports = parsed.slice(0, count).flatMap((line, i) => {
    const value = found(line, paths.value);
    return value === undefined ? [] : [reportOf(found(line, paths.step), value, i + 1, paths)];
  });
  return { lines: lines.slice(0, count), reports, ended };
}

/** The log up to the step after which the rule ends the trial; undefined where it does not. */
export function prunedLog(
  { lines, reports }: TrialLog,
  { step }: ReportPaths,
  pruner: MedianPruner,
  rivals: readonly FinishedTrial[],
  direction: Direction,
): { readonly step: number; readonly text: string } | undefined {
  // Each step is judged by what was known after it, so that a longer log can't end earlier or later.
  const count = reports.findIndex((_, i) => shouldPrune(pruner, reports.slice(0, i + 1), rivals, direction));
  if (count < 0) return undefined;
  const [last] = reports[count];
  const until = lines.findIndex((line) => found(JSON.parse(line), step) === last) + 1;
  const kept = [...lines.slice(0, until), JSON.stringify({ ended: "pruned" })];
  return { step: last, text: kept.map((line) => `${line}\n`).join("") };
}

function parseLine(line: string, number: number): unknown {
  try {
    return JSON.parse(line);
  } catch (error) {
    throw new Error(`line ${number} of the log is not JSON: ${(error as Error).message}`);
  }
}

function reportOf(step: unknown, value: unknown, line: number, paths: ReportPaths): Reports[number] {
  if (!Number.isSafeInteger(step)) {
    throw new Error(
      `line ${line} of the log: ${paths.step} is ${JSON.stringify(step)}; expected a whole number`,
    );
  }
  if (value !== null && typeof value !== "number") {
    throw new Error(`line ${line} of the log: ${paths.value} is ${JSON.stringify(value)}; expected a number`);
  }
  return [step as number, value];
}

/** What the dotted path leads to in a line; undefined where it leads nowhere. */
export function found(line: unknown, path: string): unknown {
  return path.split(".").reduce<unknown>(
    (part, key) =>
      typeof part === "object" && part !== null && Object.hasOwn(part, key)
        ? (part as Readonly<Record<string, unknown>>)[key]
        : undefined,
    line,
  );
}
