/** Times of earlier runs: which of them say how long a task will take. */

import assert from "node:assert/strict";
import { History, type TimedRun } from "../../../lib/flow/history/history.ts";
import type { ActionKey } from "../../../lib/flow/store/types.ts";
import { inProject } from "../cli.ts";

const key = "k" as ActionKey;
const joint = (sep: number, inputs: object = { views: { task: "views", output: "views" } }) => {
  return { id: "joint", params: { sep }, inputs } as Parameters<History["expectedMs"]>[0];
};

/** Notes a run of `joint`, and closes the file. */
function ran(store: string, run: TimedRun, sep: number, ms: number, units?: number): void {
  const history = new History(store, "w", run);
  history.add({ task: "joint", key, ms, units, at: 0 }, { sep });
  history.flush();
}

function inStore(body: (store: string) => void): void {
  const store = Deno.makeTempDirSync();
  try {
    body(store);
  } finally {
    Deno.removeSync(store, { recursive: true });
  }
}

Deno.test("a run of another profile or device says nothing of a task with inputs", () =>
  inStore((store) => {
    const expected = (run: TimedRun, sep: number, units?: number) =>
      new History(store, "w", run).expectedMs(joint(sep), units);
    ran(store, { profile: "smoke" }, 1, 9900);
    assert.equal(expected({}, 1), undefined);
    assert.equal(expected({ profile: "smoke" }, 1), 9900);
    assert.equal(new History(store, "w").expectedMs(joint(1, {})), 9900, "without inputs params say all");
    assert.equal(new History(store, "w").expectedMs(joint(2, {})), undefined);
    ran(store, {}, 1, 90_000, 60);
    ran(store, { device: "cuda" }, 1, 3000);
    assert.equal(expected({}, 1), 90_000);
    assert.equal(expected({}, 1, 30), 45_000);
    assert.equal(expected({ device: "cuda" }, 1), 3000);
    assert.equal(expected({ profile: "smoke" }, 1), 9900);
  }));

Deno.test("of runs of one profile the last with the same params counts, else the last", () =>
  inStore((store) => {
    for (const [sep, ms] of [[1, 100], [2, 200], [1, 110], [3, 300]]) ran(store, {}, sep, ms);
    const history = new History(store, "w");
    assert.deepEqual([1, 2, 4].map((sep) => history.expectedMs(joint(sep))), [110, 200, 300]);
  }));

Deno.test("entries from before profiles were noted count until there is a newer one", () =>
  inStore((store) => {
    Deno.mkdirSync(`${store}/history`);
    Deno.writeTextFileSync(`${store}/history/w.jsonl`, '{"task":"joint","key":"k","ms":70,"at":0}\n');
    assert.equal(new History(store, "w").expectedMs(joint(1)), 70);
    ran(store, { profile: "smoke" }, 1, 10);
    assert.equal(new History(store, "w").expectedMs(joint(1)), undefined);
  }));

Deno.test("after a small profile plan does not say that the whole takes as long", async () => {
  await inProject(async (project) => {
    project.write("words.txt", "one");
    project.workflow({
      words: {
        kind: "command",
        params: { argv: ["cp", "in/x", "out/o"] },
        inputs: { x: "file:words.txt" },
        outputs: ["o"],
      },
      train: {
        kind: "command",
        params: { argv: ["sh", "-c", "cp in/w out/o"], env: { EPOCHS: "100" } },
        inputs: { w: "words.o" },
        outputs: ["o"],
      },
    }, { profiles: { smoke: { train: { env: { EPOCHS: "1" } } } } });
    await project.run("--profile", "smoke");
    assert.match((await project.call("plan", "probe.ts")).out, /^run {2}train {4}param env\.EPOCHS/);
    await project.run();
    const changed = await project.call("plan", "probe.ts", "--set", "train.env.EPOCHS=101");
    assert.match(changed.out, /^run {2}train {2}0\.\d s {2}param env\.EPOCHS/);
  });
});
