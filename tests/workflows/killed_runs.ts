/** Kills a workflow in the middle of a task: the engine, or the process of the task. */

import assert from "node:assert/strict";
import { join } from "node:path";
import { Store } from "../../lib/flow/store/store.ts";
import type { ActionKey } from "../../lib/flow/store/types.ts";
import type { Event } from "../flow/cli.ts";
import { eventsOf, processesBelow, resultOf, until } from "../flow/cli.ts";
import { type Run, spawnMain } from "../tasks/run.ts";

/** An action may end before the signal reaches it, on a busy machine: what that run made is dropped, for another try. */
const MOST_TRIES = 5;

/** What the signal is for. */
export type Victim = "engine" | "process";

/** Whether a task is in its middle, told by the events of its own so far. */
export type Middle = (events: Event[], victim: Victim) => boolean;

/** A workflow to kill. */
export interface KilledWorkflow {
  /** Its name, and options. */
  readonly args: readonly string[];
  /** The tasks, in an order in which each comes after those it reads. */
  readonly stages: Readonly<Record<string, Middle>>;
}

/** For tasks that are one process. */
export function hasBegun(events: Event[]): boolean {
  return events.some(({ event }) => event === "running");
}

/** For the engine, when an item was kept in this run; for a process, when the first one for items is about to start. */
export function isAmongItems(events: Event[], victim: Victim): boolean {
  const counts = events.filter(({ event }) => event === "progress").map(({ done }) => done);
  return victim === "process" ? counts.length > 0 : counts.at(-1) > counts[0];
}

/** For the engine, when the first segment was kept. */
export function isInChain(events: Event[], victim: Victim): boolean {
  const keys = new Set(events.filter(({ event }) => event === "running").map(({ key }) => key));
  return keys.size > (victim === "process" ? 0 : 1);
}

interface KilledRun {
  readonly status: Deno.CommandStatus;
  readonly events: Event[];
  /** Those of the task. */
  readonly own: Event[];
}

/** Runs the workflow up to `task`, and kills the victim when that is in its middle. */
async function killedRun(
  run: Run,
  { args, stages }: KilledWorkflow,
  task: string,
  victim: Victim,
): Promise<KilledRun> {
  const child = run.spawn("run", ...args, task, "--json");
  const status = child.status;
  const errors = new Response(child.stderr).text();
  let ended = false;
  status.then(() => (ended = true));
  const events: Event[] = [];
  const own: Event[] = [];
  let struck = false;
  for await (const event of eventsOf(child)) {
    events.push(event);
    if (event.id?.split("[")[0] !== task) continue;
    own.push(event);
    if (struck || !stages[task](own, victim)) continue;
    struck = true;
    // What the task depends on has been done: the process is its own.
    const processes = () => processesBelow(join(run.folder, run.store, "work"));
    // Items are still kept when their processes have ended.
    if (victim === "process" || stages[task] !== isAmongItems) {
      await until(() => ended || processes().length > 0, `a process of ${task}`);
    }
    try {
      if (victim === "engine") child.kill("SIGKILL");
      else for (const pid of processes().slice(0, 1)) Deno.kill(pid, "SIGKILL");
    } catch {
      // It has come to its end before.
    }
  }
  assert.equal(await errors, "");
  return { status: await status, events, own };
}

/** Whether the signal came while the action had not ended; how the run ended then is checked. */
function isHit(store: Store, { status, own }: KilledRun, victim: Victim): boolean {
  const { key } = own.findLast(({ event }) => event === "running")!;
  const ended = own.find(({ event }) => event === "action");
  if (victim === "engine") {
    if (ended !== undefined || store.getRecord(key) !== undefined) return false;
    assert.equal(status.signal, "SIGKILL");
    return true;
  }
  assert.ok(ended);
  if (ended.outcome === "ran") return false;
  assert.equal(status.code, 1);
  assert.equal(ended.outcome, "failed");
  assert.match(ended.reason, /killed by SIGKILL/);
  assert.match(ended.key, /^[0-9a-f]{64}$/);
  assert.ok(Deno.statSync(ended.log).isFile);
  return true;
}

/** Kills runs of the workflow up to `task` until one is hit in the middle of that task. */
export async function killInTheMiddle(
  run: Run,
  workflow: KilledWorkflow,
  task: string,
  victim: Victim,
): Promise<void> {
  for (let tries = 0; tries < MOST_TRIES; tries++) {
    const killed = await killedRun(run, workflow, task, victim);
    const store = Store.open(join(run.folder, run.store));
    try {
      assert.deepEqual(await store.verify(), [], `after the ${victim} was killed in ${task}`);
      if (isHit(store, killed, victim)) return;
      const isOfRun = (key: string) => store.getRecord(key as ActionKey)?.facts.run === killed.events[0].run;
      const files = [...store.records.files()].filter(isOfRun).map((key) => store.records.path(key));
      // All of a pack is of one run.
      const packs = store.packs.all().filter((pack) =>
        [...pack.places()].some(({ kind, digest }) => kind === "record" && isOfRun(digest))
      );
      for (const path of [...files, ...packs.map(({ path }) => path)]) Deno.removeSync(path);
    } finally {
      store.close();
    }
  }
  assert.fail(`${task} ended before its ${victim} could be killed, ${MOST_TRIES} times`);
}

/** Runs its tasks with the store `name` in `folder`; by task, its key and the digests of its outputs. */
export async function finalDigests(
  folder: string,
  name: string,
  { args, stages }: KilledWorkflow,
): Promise<Record<string, unknown>> {
  const { code, err, events } = await resultOf(
    spawnMain(folder, name, "run", ...args, ...Object.keys(stages), "--json"),
  );
  assert.equal(code, 0, err);
  const store = Store.open(join(folder, name));
  try {
    const actions = events.filter(({ event }) => event === "action");
    return Object.fromEntries(actions.map(({ id, key }) => {
      const outputs = Object.entries(store.getRecord(key)!.outputs);
      return [id.split("[")[0], { key, outputs: outputs.map(([name, { digest }]) => [name, digest]) }];
    }));
  } finally {
    store.close();
  }
}
