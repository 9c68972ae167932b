/** What run records keep from garbage collection: also those of killed runs, and with any clock. */

import assert from "node:assert/strict";
import { newRunId } from "../../../lib/flow/history/journal.ts";
import { Store } from "../../../lib/flow/store/store.ts";
import { runPaths } from "../../../lib/flow/store/layout.ts";
import { inProject, outcomes, type Project, until } from "../cli.ts";

const sh = (script: string, inputs: object = {}) => ({
  kind: "command",
  params: { argv: ["sh", "-c", script] },
  inputs,
  outputs: ["o"],
});

const train = (wait: number) => ({
  a: sh("echo a > out/o"),
  b: sh(`sleep ${wait}; cat in/a > out/o`, { a: "a.o" }),
});

/** Other results push a run out of the last ten. */
async function otherRuns(project: Project, count: number): Promise<void> {
  project.write(
    "other.ts",
    `import { defineWorkflow } from "protoflow";
export default defineWorkflow({ name: "other", about: "x", tasks: { z: ${
      JSON.stringify(sh("echo z > out/o"))
    } } } as never);\n`,
  );
  for (let n = 0; n < count; n++) assert.equal((await project.call("run", "other.ts")).code, 0);
}

const runRecords = (project: Project) =>
  [...Deno.readDirSync(project.path("store/runs"))].map(({ name }) => name).filter((name) =>
    name.endsWith(".jsonl")
  ).sort();

async function waitForRecords(project: Project, count: number): Promise<string[]> {
  await until(() => runRecords(project).length === count, `${count} run records`);
  return runRecords(project);
}

Deno.test("gc keeps what a killed run had reused", async () => {
  await inProject(async (project) => {
    project.workflow(train(0));
    await project.run();
    project.workflow(train(600));
    const killed = project.spawn("run", "probe.ts");
    const [, second] = await waitForRecords(project, 2);
    await until(() => project.read(`store/runs/${second}`).includes('"reuses"'), "the run to start its task");
    killed.kill("SIGKILL");
    await killed.output();
    await otherRuns(project, 10);
    assert.equal((await project.call("gc")).code, 0);
    project.workflow(train(0.01));
    assert.deepEqual(outcomes(await project.run()), { a: "reused", b: "ran" });
  });
});

Deno.test("gc removes nothing where a record, its table of keys or a pin can't be read, and names the file", async () => {
  await inProject(async (project) => {
    project.workflow(train(0));
    await project.run();
    const run = runRecords(project)[0].replace(".jsonl", "");
    assert.equal((await project.call("pin", run)).code, 0);
    const paths = runPaths(project.path("store"));
    const tables = [...Deno.readDirSync(paths.tables)].map(({ name }) => `${paths.tables}/${name}`);
    const record = paths.record(run);
    project.workflow(train(0.01));
    for (let n = 0; n < 11; n++) {
      project.workflow(train(n / 1000));
      await project.run();
    }
    const results = [...Store.open(project.path("store")).keys()].length;
    const text = Deno.readTextFileSync(record);
    const damages: [string, () => void][] = [
      [record, () => Deno.writeTextFileSync(record, "")],
      [record, () => Deno.writeTextFileSync(record, text.replace(/\n.*?\n/, "\n{torn\n"))],
      [record, () => Deno.removeSync(record)],
      ...tables.map((table): [string, () => void] => [table, () => Deno.writeTextFileSync(table, "")]),
      ...tables.map((table): [string, () => void] => [table, () => Deno.removeSync(table)]),
    ];
    for (const [path, damage] of damages) {
      const whole = Deno.readFileSync(path);
      damage();
      const { code, err } = await project.call("gc");
      assert.notEqual(code, 0, `${damage}`);
      assert.match(err, /nothing was removed/);
      assert.ok(err.includes(path), err);
      assert.equal([...Store.open(project.path("store")).keys()].length, results);
      Deno.writeFileSync(path, whole);
    }
    // A torn last line is that of a run that was killed: the lines before it say what it needs.
    Deno.writeTextFileSync(record, text.slice(0, -20));
    assert.equal((await project.call("gc")).code, 0);
    project.workflow(train(0));
    assert.deepEqual(outcomes(await project.run()), { a: "reused", b: "reused" });
  });
});

Deno.test("a run is the last one also after runs of a clock that was ahead", () => {
  const store = Deno.makeTempDirSync();
  try {
    Deno.mkdirSync(runPaths(store).folder);
    const ahead = "20991231-235959-999-abcd";
    Deno.writeTextFileSync(runPaths(store).record(ahead), "");
    const next = newRunId(store);
    assert.ok(next > ahead, next);
    Deno.writeTextFileSync(runPaths(store).record(next), "");
    assert.ok(newRunId(store) > next);
  } finally {
    Deno.removeSync(store, { recursive: true });
  }
});
