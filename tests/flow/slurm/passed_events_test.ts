/** What a process on a node's disk reports: the store is told of an item once its result is there, and of nothing twice. */

import assert from "node:assert/strict";
import { join } from "node:path";
import type { JobEvent, KindJob } from "../../../lib/flow/job/kind_job.ts";
import { PassedEvents } from "../../../lib/flow/slurm/passed_events.ts";
import { ScratchCopy } from "../../../lib/flow/slurm/scratch_copy.ts";
import { exists } from "../cli.ts";

interface Places {
  readonly copy: ScratchCopy;
  readonly events: PassedEvents;
  /** Writes the result of an item. */
  readonly make: (position: number) => void;
  readonly report: (...events: readonly JobEvent[]) => void;
  /** The events that are in the store. */
  readonly told: () => JobEvent[];
  readonly inStore: (path: string) => string;
}

/** The copy of a work folder with a batch of items; the process sees it at its own path, or at that of the store. */
async function withBatch(isIsolated: boolean, body: (places: Places) => Promise<void>): Promise<void> {
  const folder = Deno.makeTempDirSync();
  try {
    const [cwd, local] = [join(folder, "store/work"), join(folder, "disk/work")];
    const jobFile = "tmp/batch-1/items.json";
    for (const path of ["in", "out", "tmp/batch-0/out", "tmp/batch-1/out", "tmp/scratch"]) {
      Deno.mkdirSync(join(cwd, path), { recursive: true });
    }
    for (const path of ["in/x", jobFile, "tmp/batch-1/events", "tmp/batch-0/out/0"]) {
      Deno.writeTextFileSync(join(cwd, path), "");
    }
    Deno.symlinkSync("/somewhere/else", join(cwd, "in/link"));
    await ScratchCopy.make(cwd, join(cwd, jobFile), local);
    const seen = isIsolated ? cwd : local;
    const copy = new ScratchCopy({ setting: "$TMPDIR", node: "n1" }, local, cwd, seen);
    const batch = join(seen, "tmp/batch-1");
    const job = {
      mode: { do: "items", items: ["a", "b", "c"].map((id) => ({ id, files: {} })) },
      outFolder: join(batch, "out"),
      eventsFile: join(batch, "events"),
    } as unknown as KindJob;
    const eventsOf = (path: string) => Deno.readTextFileSync(path).split("\n").filter(Boolean);
    await body({
      copy,
      events: new PassedEvents(copy, job),
      make(position) {
        Deno.mkdirSync(join(local, "tmp/batch-1/out", String(position)));
        Deno.writeTextFileSync(join(local, "tmp/batch-1/out", String(position), "o"), `result ${position}`);
      },
      report(...events) {
        const lines = events.map((event) => `${JSON.stringify(event)}\n`).join("");
        Deno.writeTextFileSync(join(local, "tmp/batch-1/events"), lines, { append: true });
      },
      told: () => eventsOf(join(cwd, "tmp/batch-1/events")).map((line) => JSON.parse(line)),
      inStore: (path) => join(cwd, path),
    });
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
}

const ended = (position: number): JobEvent => ({ event: "item", position, ms: 1 });
const begun = (position: number): JobEvent => ({ event: "item", position, started: true });

for (const isIsolated of [true, false]) {
  Deno.test(`items are told of in order, once, when their results are in the store, ${isIsolated ? "isolated" : "not isolated"}`, () =>
    withBatch(isIsolated, async ({ copy, events, make, report, told, inStore }) => {
      assert.ok(exists(copy.at(join(copy.seen, "in/x"))));
      assert.equal(Deno.readLinkSync(join(copy.local, "in/link")), "/somewhere/else");
      assert.ok(!exists(join(copy.local, "tmp/batch-0")), "what other processes of the task have stays away");
      make(0);
      const failure: JobEvent = { event: "item", position: 1, ms: 1, error: `no ${copy.seen}/in/x` };
      report(begun(0), ended(0), begun(1), failure, begun(2));
      make(2);
      assert.equal(await events.end(), undefined);
      const first = [begun(0), ended(0), begun(1), { ...failure, error: `no ${copy.cwd}/in/x` }, begun(2)];
      assert.deepEqual(told(), first);
      assert.equal(Deno.readTextFileSync(inStore("tmp/batch-1/out/0/o")), "result 0");
      assert.ok(!exists(inStore("tmp/batch-1/out/2")), "it has not ended");
      assert.ok(!exists(join(copy.local, "tmp/batch-1/out/0")), "room for others");
      report(ended(2));
      events.pass();
      assert.equal(await events.end(), undefined);
      assert.deepEqual(told(), [...first, ended(2)]);
      assert.equal(Deno.readTextFileSync(inStore("tmp/batch-1/out/2/o")), "result 2");
      const others = [...Deno.readDirSync(inStore("tmp"))].map(({ name }) => name).sort();
      assert.deepEqual(others, ["batch-0", "batch-1", "scratch"]);
    }));
}

Deno.test("of items that end together only those fail whose results can't be copied to the store", () =>
  withBatch(true, async ({ events, make, report, told, inStore }) => {
    for (const position of [0, 1, 2]) make(position);
    // The disk of the store refuses one of them.
    const refuse = Deno.removeSync;
    Deno.removeSync = (path, options) => {
      if (path === inStore("tmp/batch-1/out/1")) throw Object.assign(new Error("EIO"), { code: "EIO" });
      refuse(path, options);
    };
    try {
      report(...[0, 1, 2].flatMap((position) => [begun(position), ended(position)]));
      assert.equal(await events.end(), undefined);
    } finally {
      Deno.removeSync = refuse;
    }
    const [first, second, third] = told().filter((event) => "ms" in event);
    assert.deepEqual([first, third], [ended(0), ended(2)]);
    assert.ok("error" in second);
    assert.match(second.error!, /can't be copied to the store from the node n1: the disk.*has failed/);
    assert.equal(Deno.readTextFileSync(inStore("tmp/batch-1/out/2/o")), "result 2");
    assert.ok(!exists(inStore("tmp/batch-1/out/1")));
  }));

Deno.test("where the store can't be told, the process has not ended well", () =>
  withBatch(true, async ({ events, make, report, inStore }) => {
    Deno.removeSync(inStore("tmp/batch-1/events"));
    Deno.mkdirSync(inStore("tmp/batch-1/events"));
    make(0);
    report(begun(0), ended(0));
    assert.match(String(await events.end()), /Is a directory/);
  }));

Deno.test("what is kept takes the place of what was there, and what is gone is gone", () =>
  withBatch(true, async ({ copy, inStore }) => {
    Deno.writeTextFileSync(inStore("out/before"), "");
    Deno.writeTextFileSync(join(copy.local, "out/o"), "new");
    Deno.chmodSync(join(copy.local, "out/o"), 0o755);
    Deno.symlinkSync("o", join(copy.local, "out/link"));
    await copy.keep([inStore("out")]);
    assert.deepEqual([...Deno.readDirSync(inStore("out"))].map(({ name }) => name).sort(), ["link", "o"]);
    assert.equal(Deno.statSync(inStore("out/o")).mode! & 0o777, 0o755);
    Deno.removeSync(join(copy.local, "out"), { recursive: true });
    await copy.keep([inStore("out")]);
    assert.ok(!exists(inStore("out")));
    assert.deepEqual([...Deno.readDirSync(join(copy.cwd, ".."))].map(({ name }) => name), ["work"]);
  }));

Deno.test("what was written into the reports by somebody else is told to nobody, and the process has not ended well", () =>
  withBatch(true, async ({ events, make, report, told, inStore }) => {
    make(0);
    report(begun(0), ended(0), ended(0), begun(7));
    assert.match(String(await events.end()), /what its process reported is not whole in /);
    assert.deepEqual(told(), [begun(0), ended(0)]);
    assert.equal(Deno.readTextFileSync(inStore("tmp/batch-1/out/0/o")), "result 0");
  }));
