/** A run as plain lines: for logs and pipes, without any cursor movement. */

import type { Progress } from "../kind.ts";
import type { RunObserver } from "../events.ts";
import { duration } from "./format.ts";
import { oneLine } from "./printable.ts";
import { placeText, progressText } from "./progress_text.ts";
import { outcomeLine, summaryLine } from "./report_lines.ts";
import { print, printSoon } from "./terminal.ts";

/** The interval at which the progress of a long action is printed. */
const STILL_RUNNING_MS = 60_000;

/** Prints a line for every action that ends, and now and then one for what still runs. */
export function plainDisplay(): RunObserver {
  const running = new Map<
    string,
    { since: number; told: number; progress?: Progress; expectedMs?: number }
  >();
  return {
    actionStarted({ id, expectedMs }) {
      if (!running.has(id)) running.set(id, { since: Date.now(), told: Date.now(), expectedMs });
    },
    actionProgress(id, progress) {
      const action = running.get(id);
      if (!action) return;
      action.progress = progress;
      if (Date.now() - action.told < STILL_RUNNING_MS) return;
      action.told = Date.now();
      print(`running ${id}  ${oneLine(progressText({ ...action, now: Date.now() }))}`);
    },
    actionWaiting: (id, _key, holder) => print(`waiting ${id}  for ${oneLine(holder)}`),
    actionPlaced: (id, place) => print(`job     ${id}  ${oneLine(placeText(place))}`),
    actionRetried: (id, reason, waitMs) =>
      print(`retry   ${id}  in ${duration(waitMs)}  (${oneLine(reason)})`),
    actionEnded(outcome) {
      running.delete(outcome.id);
      const line = outcomeLine(outcome);
      if (line !== undefined) printSoon(line);
    },
    ended: (summary) => print(summaryLine(summary)),
  };
}
