/** The lines about finished actions and runs, for people. */

import type { ActionOutcome, RunSummary } from "../events.ts";
import { duration } from "./format.ts";
import { lastLines } from "./log_text.ts";
import { oneLine } from "./printable.ts";

/** So much of the log of a failed action is shown. */
const LOG_LINES = 20;

/** The outcome of an action; undefined if it was reused, because reused ones are only counted. */
export function outcomeLine(outcome: ActionOutcome): string | undefined {
  const { id } = outcome;
  switch (outcome.outcome) {
    case "ran":
      return `ran     ${id}  ${duration(outcome.ms)}  (${oneLine(outcome.reason)})`;
    case "joined":
      return `joined  ${id}  ${duration(outcome.ms)}  (${oneLine(outcome.reason)})`;
    case "skipped":
      return `skipped ${id}  (${oneLine(outcome.reason)})`;
    case "failed":
      return [
        `FAILED  ${id}  ${outcome.reason}`,
        ...(outcome.key ? [`        key ${outcome.key}`] : []),
        ...(outcome.log ? [`        log ${outcome.log}`, ...logTail(outcome.log)] : []),
      ].join("\n");
    case "reused":
      return undefined;
  }
}

function logTail(path: string): string[] {
  const lines = lastLines(path, LOG_LINES);
  if (lines?.length === 0) return ["        | (it printed nothing)"];
  return (lines ?? []).map((line) => `        | ${line}`);
}

/** The numbers of actions that ran and were reused, and the time saved. */
export function summaryLine(summary: RunSummary): string {
  const { ran, reused, joined, failed, skipped, ms, savedMs } = summary;
  const parts = [
    `${ran} ran`,
    `${reused} reused`,
    ...(joined > 0 ? [`${joined} joined`] : []),
    ...(failed > 0 ? [`${failed} failed`] : []),
    ...(skipped > 0 ? [`${skipped} skipped`] : []),
  ];
  const saved = savedMs > 0 ? `; reuse saved ${duration(savedMs)}` : "";
  return `${parts.join(", ")} in ${duration(ms)}${saved}`;
}
