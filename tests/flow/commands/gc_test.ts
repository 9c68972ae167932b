/** `gc` through the command line: what goes beside results, and what keeps a new item at the cost of one. */

import assert from "node:assert/strict";
import { exists, inProject, outcomes, type Project } from "../cli.ts";

const DAY = 24 * 3600 * 1000;

function task(script: string): Record<string, object> {
  return { one: { kind: "command", params: { argv: ["sh", "-c", script] }, inputs: {}, outputs: ["o"] } };
}

/** Makes everything that a run has left as old as that, in files and in what they say. */
function age(project: Project, run: string, days: number): void {
  const time = new Date(Date.now() - days * DAY);
  const file = project.path(`store/runs/${run}.jsonl`);
  const head = /"started":"[^"]*"/;
  Deno.writeTextFileSync(
    file,
    Deno.readTextFileSync(file).replace(head, `"started":"${time.toISOString()}"`),
  );
  for (const folder of ["logs", "runs", "runs/keys", "history/trees"]) {
    if (!exists(project.path(`store/${folder}`))) continue;
    for (const { name } of Deno.readDirSync(project.path(`store/${folder}`))) {
      Deno.utimeSync(project.path(`store/${folder}/${name}`), time, time);
    }
  }
  const history = project.path("store/history/probe.jsonl");
  if (!exists(history)) return;
  Deno.writeTextFileSync(history, Deno.readTextFileSync(history).replace(/"at":\d+/g, `"at":${+time}`));
}

const listing = (project: Project, folder: string) =>
  [...Deno.readDirSync(project.path(`store/${folder}`))].filter(({ isFile }) => isFile).map(({ name }) =>
    name
  );

Deno.test("old logs, run records and history entries go, the last ones stay, and all is said", async () => {
  await inProject(async (project) => {
    const runs: string[] = [];
    for (let n = 0; n < 13; n++) {
      project.workflow(task(n < 2 ? `echo broken ${n}; exit 1` : `echo ${n} > out/o`));
      runs.push((await project.run()).events.at(-1)!.run);
    }
    assert.equal(listing(project, "logs").length, 2);
    assert.match(
      (await project.call("gc", "--dry-run", "--older-than", "20d")).out,
      /^would free 0 B: .*\n$/,
    );

    for (const run of runs.slice(0, 4)) age(project, run, 40);
    // Eleven results, of which the last ten runs need ten.
    const dry = await project.call("gc", "--dry-run");
    const said =
      /: 1 result \(1 of command\), 1 file; .*\nwould free .* beside results: (\d+) leftovers \(old logs/;
    assert.match(dry.out, said);
    const [, leftovers] = said.exec(dry.out)!;
    assert.equal(listing(project, "logs").length, 2);
    const gone = (await project.call("gc", "--json")).events[0];
    // Two logs, three of the runs beyond the last ten, their two tables of keys, and the entry of the result that went.
    assert.equal(gone.leftovers.files, Number(leftovers));
    assert.deepEqual(listing(project, "logs"), []);
    assert.deepEqual(listing(project, "runs").sort(), runs.slice(3).map((run) => `${run}.jsonl`));
    assert.equal(project.read("store/history/probe.jsonl").trim().split("\n").length, 10);
    assert.match((await project.call("gc")).out, /^freed 0 B: 0 results, 0 files; [^\n]*\n$/);
    assert.equal((await project.call("diff", runs[3], "last")).code, 0);
    assert.deepEqual(outcomes(await project.run()), { one: "reused" });
  });
});

Deno.test("the log of a failure goes once the task has a result", async () => {
  await inProject(async (project) => {
    project.workflow(task(`echo hm; test -e ${project.path("mended")} && echo > out/o`));
    assert.equal((await project.run()).code, 1);
    await project.call("gc");
    assert.equal(listing(project, "logs").length, 1, "it is not old");
    project.write("mended", "");
    assert.equal((await project.run()).code, 0);
    assert.match((await project.call("gc")).out, /beside results: 1 leftover /);
    assert.deepEqual(listing(project, "logs"), []);
  });
});

Deno.test("after gc a new item still costs one item", async () => {
  await inProject(async (project) => {
    project.write("texts/a", "aaa");
    project.write("texts/b", "bb");
    project.workflow({ measure: { kind: "lengths", inputs: { texts: "folder:texts" } } });
    await project.run();
    assert.match((await project.call("gc")).out, /^freed 0 B: 0 results/);
    project.write("texts/c", "c");
    assert.equal((await project.run()).code, 0);
    assert.equal((await project.call("log", "probe.ts", "measure")).out, "prepared\nmeasured c\n");
  });
});
