/** `--json`: one object a line on standard output. */

import { writeAll } from "./write_all.ts";
import type { RunObserver } from "../events.ts";

/** Prints the events of a run as JSON lines. */
export function jsonEvents(): RunObserver {
  const print = (...events: object[]) =>
    writeAll(Deno.stdout, events.map((e) => JSON.stringify(e) + "\n").join(""));
  return {
    started: (run) => print({ event: "start", ...run }),
    actionStarted: ({ id, key, reason, expectedMs }) =>
      print({ event: "running", id, key, reason, expectedMs }),
    actionProgress: (id, progress) => print({ event: "progress", id, ...progress }),
    actionWaiting: (id, key, holder) => print({ event: "waiting", id, key, holder }),
    actionRetried: (id, reason, waitMs) => print({ event: "retry", id, reason, waitMs }),
    // The key of what was skipped, or failed too early, is not known.
    actionEnded: (outcome) => print({ event: "action", key: null, ...outcome, ms: Math.round(outcome.ms) }),
    allReused: (ids, keys, savedMs) =>
      print(...ids.map((id, i) => {
        const reason = "nothing it depends on has changed";
        return { event: "action", id, key: keys[i], outcome: "reused", ms: 0, reason, savedMs: savedMs[i] };
      })),
    ended: (summary) => print({ event: "done", ...summary, ms: Math.round(summary.ms) }),
  };
}
