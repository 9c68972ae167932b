/** Per-item work: a new item costs one item, a failed one fails alone and is named, what is done is kept. */

import assert from "node:assert/strict";
import { inProject, outcomes, type Project, type Result } from "../cli.ts";

function measure(project: Project, texts: Record<string, string>): void {
  for (const [name, text] of Object.entries(texts)) project.write(`texts/${name}`, text);
  project.workflow({ measure: { kind: "lengths", params: {}, inputs: { texts: "folder:texts" } } });
}

/** The items that were measured in the last run, by what they logged. */
async function measured(project: Project): Promise<string[]> {
  const { out } = await project.call("log", "probe.ts", "measure");
  return out.split("\n").flatMap((line) => /^measured (.*)/.exec(line)?.[1] ?? []).sort();
}

async function lengths(project: Project): Promise<string> {
  const folder = `got-${crypto.randomUUID()}`;
  await project.call("get", "probe.ts", "measure", folder);
  return project.read(`${folder}/lengths`);
}

const reasonOf = ({ events }: Result) => events.find(({ event }) => event === "action")!.reason;

Deno.test("a new item and a changed one cost one item each, and nothing runs when nothing changed", async () => {
  await inProject(async (project) => {
    measure(project, { a: "1", b: "22", c: "333" });
    const first = await project.run();
    assert.equal(first.code, 0, first.err + first.out);
    assert.deepEqual(await measured(project), ["a", "b", "c"]);
    assert.equal(await lengths(project), "a: 1 characters\nb: 2 characters\nc: 3 characters\n");
    assert.deepEqual(outcomes(await project.run()), { measure: "reused" });

    measure(project, { d: "4444" });
    await project.run();
    assert.deepEqual(await measured(project), ["d"]);
    measure(project, { b: "twenty" });
    await project.run();
    assert.deepEqual(await measured(project), ["b"]);
    assert.equal(
      await lengths(project),
      "a: 1 characters\nb: 6 characters\nc: 3 characters\nd: 4 characters\n",
    );

    Deno.removeSync(project.path("texts/a"));
    const fewer = await project.run();
    assert.match(reasonOf(fewer), /input texts \(texts\): a is gone/);
    assert.deepEqual(await measured(project), []);
    assert.equal(await lengths(project), "b: 6 characters\nc: 3 characters\nd: 4 characters\n");
  });
});

Deno.test("an item that throws or kills its process is named, the others are kept", async () => {
  await inProject(async (project) => {
    measure(project, { a: "1", b: "bad", c: "333", d: "deadly", e: "55555", f: "666666" });
    const failed = await project.run();
    assert.equal(failed.code, 1);
    assert.match(reasonOf(failed), /^2 of 6 items failed/);
    assert.match(reasonOf(failed), /b: this text is bad/);
    assert.match(reasonOf(failed), /d: killed by SIGKILL/);

    measure(project, { b: "22", d: "4444" });
    const mended = await project.run();
    assert.equal(mended.code, 0, mended.err + mended.out);
    assert.deepEqual(await measured(project), ["b", "d"]);
    assert.match(await lengths(project), /^a: 1 .*\nb: 2 .*\nc: 3 .*\nd: 4 .*\ne: 5 .*\nf: 6 /);
  });
});

Deno.test("many items go to few processes", async () => {
  await inProject(async (project) => {
    measure(project, Object.fromEntries(Array.from({ length: 40 }, (_, i) => [`text-${i}`, "x".repeat(i)])));
    const run = await project.run("--jobs", "2");
    assert.equal(run.code, 0, run.err + run.out);
    const { out } = await project.call("log", "probe.ts", "measure");
    assert.equal(out.split("\n").filter((line) => line === "prepared").length, 2);
    assert.equal((await measured(project)).length, 40);
  });
});

Deno.test("a short task has one process where others keep the machine busy, and a long one gets more in its turn", async () => {
  await inProject(async (project) => {
    const names = ["one", "two"];
    for (const name of names) {
      for (let i = 0; i < 8; i++) project.write(`${name}/${i}`, name.repeat(i));
    }
    const processes = async (seconds: number, tasks: readonly string[]) => {
      project.workflow(Object.fromEntries(
        names.map((
          name,
        ) => [name, { kind: "lengths", params: { seconds }, inputs: { texts: `folder:${name}` } }]),
      ));
      const run = await project.run("--jobs", "2", ...tasks, "--store", project.path(`${seconds}-${tasks}`));
      assert.equal(run.code, 0, run.err + run.out);
      const logs = await Promise.all(tasks.map(async (task) => {
        const store = ["--store", project.path(`${seconds}-${tasks}`)];
        return (await project.call("log", "probe.ts", task, ...store)).out;
      }));
      return logs.join("\n").split("\n").filter((line) => line === "prepared").length;
    };
    assert.equal(await processes(1, names), 2);
    assert.equal(await processes(1, ["one"]), 2);
    assert.equal(await processes(100, names), 4);
  });
});

Deno.test("tasks of items side by side do not wait for each other's cores", async () => {
  await inProject(async (project) => {
    for (let i = 0; i < 8; i++) project.write(`texts/${i}`, "x".repeat(i));
    const lengths = { kind: "lengths", params: {}, inputs: { texts: "folder:texts" } };
    for (let i = 0; i < 8; i++) project.write(`more/${i}`, "y".repeat(i));
    const other = { ...lengths, inputs: { texts: "folder:more" } };
    project.workflow({ one: lengths, two: other, three: { ...other } });
    const run = await project.run("--jobs", "2");
    assert.equal(run.code, 0, run.err + run.out);
  });
});
