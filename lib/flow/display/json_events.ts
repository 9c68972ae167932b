/** `--json`: one object a line on standard output. */

import type { RunObserver } from "../events.ts";
import { printJson } from "./terminal.ts";

/** Prints the events of a run as JSON lines. */
export function jsonEvents(): RunObserver {
  return {
    started: (run) => printJson({ event: "start", ...run }),
    actionStarted: ({ id, key, reason, expectedMs }) =>
      printJson({ event: "running", id, key, reason, expectedMs }),
    actionProgress: (id, { done, total, unit, values }) =>
      printJson({ event: "progress", id, done, total, unit, values }),
    actionWaiting: (id, key, holder) => printJson({ event: "waiting", id, key, holder }),
    actionPlaced: (id, place) => printJson({ event: "job", id, ...place }),
    actionRetried: (id, reason, waitMs) => printJson({ event: "retry", id, reason, waitMs }),
    // A skipped action, or one that failed early, has no known key.
    actionEnded: (outcome) =>
      printJson({ event: "action", key: null, ...outcome, ms: Math.round(outcome.ms) }),
    allReused: (ids, keys, savedMs) =>
      printJson(...ids.map((id, i) => {
        const reason = "nothing it depends on has changed";
        return { event: "action", id, key: keys[i], outcome: "reused", ms: 0, reason, savedMs: savedMs[i] };
      })),
    ended: (summary) => printJson({ event: "done", ...summary, ms: Math.round(summary.ms) }),
  };
}
