/** The events of a kind's processes: what is lost, or was written by somebody else, is noticed. */

import assert from "node:assert/strict";
import { JobEvents } from "../../../lib/flow/job/job_events.ts";
import type { JobEvent, JobMode } from "../../../lib/flow/job/kind_job.ts";
import { inTemporaryFolder } from "../store/scratch.ts";

const item = (id: string) => ({ id, files: {} });
const RUN: JobMode = { do: "run" };
const LIST: JobMode = { do: "list" };
const ITEMS: JobMode = { do: "items", items: [item("a"), item("b")] };
const progress: JobEvent = { event: "progress", progress: { done: 1, values: { loss: 2 } } };
const started = (position: number): JobEvent => ({ event: "item", position, started: true });
const ended = (position: number): JobEvent => ({ event: "item", position, ms: 1 });
const done = (reported: number): JobEvent => ({ event: "end", reported });

/** What is known of a file to which this is done, step by step. */
async function known(mode: JobMode, ...steps: readonly (JobEvent | string | ((file: string) => void))[]) {
  const found = { isDone: false, isWhole: true, events: 0 };
  await inTemporaryFolder((folder) => {
    const file = `${folder}/events`;
    Deno.writeTextFileSync(file, "");
    const events = new JobEvents(file, mode, () => void found.events++);
    for (const step of steps) {
      if (typeof step === "function") step(file);
      else {
        const text = typeof step === "string" ? step : `${JSON.stringify(step)}\n`;
        Deno.writeTextFileSync(file, text, { append: true });
      }
      events.read();
    }
    Object.assign(found, { isDone: events.isDone, isWhole: events.problem === undefined });
    return Promise.resolve();
  });
  return found;
}

Deno.test("a process has done its work when it says so, and nothing of what it reported is missing", async () => {
  const both = [started(0), ended(0), started(1), { ...ended(1), error: "no" }];
  assert.deepEqual(await known(ITEMS), { isDone: false, isWhole: true, events: 0 });
  assert.deepEqual(await known(ITEMS, started(0), ended(0)), { isDone: false, isWhole: true, events: 2 });
  assert.deepEqual(await known(ITEMS, ...both, done(4)), { isDone: true, isWhole: true, events: 5 });
  assert.deepEqual(await known(RUN, done(0)), { isDone: true, isWhole: true, events: 1 });
  const listed: JobEvent = { event: "items", items: [{ ...item("a"), facts: { more: [1] } }] };
  assert.deepEqual(await known(LIST, listed, done(1)), { isDone: true, isWhole: true, events: 2 });
  const next = await known(RUN, progress, done(1), progress);
  assert.deepEqual(next, { isDone: false, isWhole: true, events: 3 }, "the second process is at work");
});

Deno.test("an event that is lost is missed; lines of others are passed over, where they harm none", async () => {
  const isWhole = async (...steps: Parameters<typeof known>) => (await known(...steps)).isWhole;
  assert.equal(await isWhole(RUN, progress, done(2)), false);
  assert.equal(await isWhole(RUN, progress, done(1), done(1), progress, done(1)), false);
  assert.equal(await isWhole(RUN, progress, "\0\0\0\n", done(2)), false);
  assert.equal(await isWhole(RUN, progress, "printed\nnull\n5\n", done(1)), true);
  assert.equal(await isWhole(RUN, progress, "half a line", done(1)), false);
  assert.equal(await isWhole(RUN, progress, '{"event":"end","reported":1}'), false);
  assert.equal(await isWhole(RUN, progress, (file) => Deno.truncateSync(file), done(1)), false);
  assert.equal(await isWhole(RUN, "z".repeat(5e6), "\n", done(0)), true);
  const inPlace = (make: (file: string) => void) => (file: string) => {
    Deno.removeSync(file);
    make(file);
  };
  for (const make of [Deno.mkdirSync, (file: string) => Deno.symlinkSync("/etc/passwd", file), mkfifo]) {
    assert.equal(await isWhole(RUN, progress, inPlace(make)), false);
  }
});

function mkfifo(file: string): void {
  new Deno.Command("mkfifo", { args: [file] }).outputSync();
}

Deno.test("what the process can't have reported is not passed on, and spoils the rest", async () => {
  const wrong: readonly [JobMode, readonly JobEvent[], readonly unknown[]][] = [
    [RUN, [], [
      { event: "hello" },
      { event: "end", reported: -1 },
      { event: "end", reported: "1" },
      { event: "end" },
      { event: "thrown" },
      { event: "thrown", message: {} },
      { event: "progress" },
      { event: "progress", progress: { done: "x" } },
      { event: "progress", progress: { done: 1, values: { loss: {} } } },
      { event: "items", items: [] },
      started(0),
    ]],
    [LIST, [], [
      done(0),
      { event: "items", items: 5 },
      { event: "items", items: [{ id: "a" }] },
      { event: "items", items: [{ id: 5, files: {} }] },
    ]],
    [LIST, [{ event: "items", items: [] }], [{ event: "items", items: [] }]],
    [ITEMS, [], [started(1), started(-1), { ...started(0), position: "0" }, ended(0), done(0)]],
    [ITEMS, [started(0)], [
      started(0),
      ended(1),
      { ...ended(0), ms: "x" },
      { ...ended(0), ms: -1 },
      { ...ended(0), ms: 1e300 },
      { ...ended(0), error: 5 },
      done(1),
    ]],
    [ITEMS, [started(0), ended(0)], [ended(0), started(0), started(2), done(2)]],
    [ITEMS, [started(0), ended(0), started(1), ended(1)], [started(2), ended(1)]],
  ];
  for (const [mode, before, events] of wrong) {
    for (const event of events) {
      const found = await known(mode, ...before, event as JobEvent);
      const about = `${mode.do} ${JSON.stringify(event)}`;
      assert.deepEqual(found, { isDone: false, isWhole: false, events: before.length }, about);
    }
  }
});
