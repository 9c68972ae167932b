/** What a run shows: bars, rates and times left; and a live display that stays within its terminal. */

import assert from "node:assert/strict";
import fc from "fast-check";
import { bytes, duration } from "../../../lib/flow/display/format.ts";
import { liveDisplay } from "../../../lib/flow/display/live_display.ts";
import type { ActionKey } from "../../../lib/flow/store/types.ts";
import { progressText } from "../../../lib/flow/display/progress_text.ts";

Deno.test("times and sizes as people read them", () => {
  const times = [0, 1234, 9949, 9950, 59_499, 60_000, 200_000, 7_500_000, 273_600_000].map(duration);
  assert.deepEqual(times, [
    "0.0 s",
    "1.2 s",
    "9.9 s",
    "10 s",
    "59 s",
    "1 min 0 s",
    "3 min 20 s",
    "2 h 5 min",
    "3 d 4 h",
  ]);
  const sizes = [0, 999, 1000, 1_440_000, 99_950_000, 999_600_000, 2e12].map(bytes);
  assert.deepEqual(sizes, ["0 B", "999 B", "1.0 kB", "1.4 MB", "100 MB", "1.0 GB", "2.0 TB"]);
});

Deno.test("progress shows a bar, the rate of this run alone, the time left, and the kind's own figures", () => {
  const since = 1_000_000;
  const progress = { done: 60, total: 100, unit: "steps", values: { loss: 0.123456 } };
  const text = progressText({ since, now: since + 20_000, progress, first: { done: 40, at: since } });
  assert.equal(text, "████████████░░░░░░░░ 60/100 steps  1.00/s  40 s left  loss 0.1235");
  assert.equal(progressText({ since, now: since + 2000, progress: { done: 3 } }), "3  1.50/s");
  const known = progressText({ since, now: since + 5000, expectedMs: 20_000 });
  assert.equal(known, "█████░░░░░░░░░░░░░░░ 5.0 s, about 15 s left");
  assert.match(progressText({ since, now: since + 50_000, expectedMs: 20_000 }), /longer than last time/);
  assert.equal(progressText({ since, now: since + 5000 }), "5.0 s");
});

Deno.test("the live display never writes a line wider than the terminal, nor more lines than it has", () => {
  const action = fc.record({
    id: fc.stringMatching(/^[a-z=,[\]]{1,200}$/),
    done: fc.nat(50),
    text: fc.string(),
  });
  const write = Deno.stdout.writeSync;
  const { now } = Date;
  fc.assert(
    fc.property(
      fc.array(action, { maxLength: 40 }),
      fc.integer({ min: 20, max: 120 }),
      (actions, columns) => {
        const written: string[] = [];
        Deno.stdout.writeSync = (bytes) => (written.push(new TextDecoder().decode(bytes)), bytes.length);
        try {
          const rows = 12;
          // A second passes between any two looks at the clock, so that it draws at every event.
          let time = 0;
          Date.now = () => time += 1000;
          const display = liveDisplay(() => ({ columns, rows }));
          display.started!({ run: "r", workflow: "w", actions: actions.length });
          for (const { id, done, text } of actions) {
            display.actionStarted!({ id, key: "k" as ActionKey, reason: text });
            display.actionProgress!(id, { done, total: 50, unit: text });
          }
          display.ended!({
            ran: 0,
            reused: 0,
            joined: 0,
            failed: 0,
            skipped: 0,
            ms: 1,
            savedMs: 0,
            store: "s",
            run: "r",
          });
          for (const frame of written) {
            // deno-lint-ignore no-control-regex -- the cursor movements of the display
            const lines = frame.replace(/^\x1b\[\d+A/, "").replace(/^\r\x1b\[J/, "").trimEnd().split("\n");
            assert.ok(lines.length <= rows);
            for (const line of lines) {
              assert.ok(
                [...line].length < Math.max(columns, 60),
                JSON.stringify(line),
              );
            }
          }
        } finally {
          Deno.stdout.writeSync = write;
          Date.now = now;
        }
      },
    ),
    { numRuns: 50 },
  );
});
