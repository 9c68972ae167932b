/** The lines that tell a person how actions and runs ended. */

import type { ActionOutcome, RunSummary } from "../events.ts";
import { duration, printable } from "./format.ts";

/** So much of the log of a failed action is shown. */
const LOG_LINES = 20;

/** How an action ended; undefined for what was reused, of which only the number is told. */
export function outcomeLine(outcome: ActionOutcome): string | undefined {
  const { id } = outcome;
  switch (outcome.outcome) {
    case "ran":
      return `ran     ${id}  ${duration(outcome.ms)}  (${printable(outcome.reason)})`;
    case "joined":
      return `joined  ${id}  ${duration(outcome.ms)}  (${printable(outcome.reason)})`;
    case "skipped":
      return `skipped ${id}  (${outcome.reason})`;
    case "failed":
      return [
        `FAILED  ${id}  ${printable(outcome.reason)}`,
        ...(outcome.key ? [`        key ${outcome.key}`] : []),
        ...(outcome.log ? [`        log ${outcome.log}`, ...logTail(outcome.log)] : []),
      ].join("\n");
    case "reused":
      return undefined;
  }
}

function logTail(path: string): string[] {
  let text: string;
  try {
    text = Deno.readTextFileSync(path);
  } catch {
    return [];
  }
  const lines = printable(text).trimEnd().split("\n");
  if (lines.length === 1 && lines[0] === "") return ["        | (it printed nothing)"];
  return lines.slice(-LOG_LINES).map((line) => `        | ${line}`);
}

/** What ran, what was reused and what that saved. */
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
