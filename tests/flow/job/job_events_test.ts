/** The events of a kind's processes: one that is lost is missed. */

import assert from "node:assert/strict";
import { JobEvents } from "../../../lib/flow/job/job_events.ts";
import type { JobEvent } from "../../../lib/flow/job/kind_job.ts";
import { inTemporaryFolder } from "../store/scratch.ts";

const started = (position: number): JobEvent => ({ event: "item", position, started: true });
const ended = (position: number): JobEvent => ({ event: "item", position, ms: 1 });
const done = (reported: number): JobEvent => ({ event: "end", reported });

/** What is known of a file with these lines, which are appended one by one. */
async function known(...lines: readonly (JobEvent | string)[]) {
  let found = { missing: 0, isDone: false, events: 0 };
  await inTemporaryFolder((folder) => {
    const file = `${folder}/events`;
    Deno.writeTextFileSync(file, "");
    let passed = 0;
    const events = new JobEvents(file, () => passed++);
    for (const line of lines) {
      const text = typeof line === "string" ? line : JSON.stringify(line);
      Deno.writeTextFileSync(file, `${text}\n`, { append: true });
      events.read();
    }
    found = { missing: events.missing, isDone: events.isDone, events: passed };
    return Promise.resolve();
  });
  return found;
}

Deno.test("a process has done its work when it says so, and nothing of what it reported is missing", async () => {
  assert.deepEqual(await known(), { missing: 0, isDone: false, events: 0 });
  assert.deepEqual(await known(started(0), ended(0)), { missing: 0, isDone: false, events: 2 });
  assert.deepEqual(await known(started(0), ended(0), done(2)), { missing: 0, isDone: true, events: 3 });
  assert.deepEqual(await known(done(0)), { missing: 0, isDone: true, events: 1 });
});

Deno.test("an event that is lost is missed, of any of several processes; lines of others are passed over", async () => {
  assert.deepEqual(await known(started(0), done(2)), { missing: 1, isDone: true, events: 2 });
  assert.deepEqual(await known(started(0), "\0\0\0", done(2)), { missing: 1, isDone: true, events: 2 });
  assert.deepEqual(await known(started(0), "printed", done(1)), { missing: 0, isDone: true, events: 2 });
  assert.equal((await known(started(0), done(1), done(1), started(1), done(1))).missing, 1);
  const next = await known(started(0), done(1), started(1));
  assert.deepEqual(next, { missing: 0, isDone: false, events: 3 }, "the second process is at work");
});
