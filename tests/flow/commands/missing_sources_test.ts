/** Missing sources: all are named at once, and what does not need them is planned and run. */

import assert from "node:assert/strict";
import { inProject, outcomes, type Project } from "../cli.ts";

const cat = (inputs: object) => {
  return { kind: "command", params: { argv: ["sh", "-c", "cat in/* > out/o"] }, inputs, outputs: ["o"] };
};

/** `beside` and `first` have all they need; `second` and `third` have not, and `last` depends on them. */
function workflow(project: Project): void {
  project.write("here.txt", "here\n");
  project.write("folder/file", "text\n");
  project.workflow({
    beside: cat({ b: "file:here.txt" }),
    first: cat({ a: "file:here.txt" }),
    second: cat({ x: "file:none.txt", y: "file:folder", z: "file:here.txt" }),
    third: cat({ x: "first.o", y: "folder:nowhere" }),
    last: cat({ x: "second.o", y: "third.o" }),
  });
}

const missing = (project: Project) => ({
  second: `input x: the file ${project.path("none.txt")} does not exist: create it or correct its path; ` +
    `input y: ${project.path("folder")} is a folder and not a file: say folder(…) in the workflow`,
  third: `input y: the folder ${project.path("nowhere")} does not exist: create it or correct its path`,
});

Deno.test("plan names all missing sources with their tasks and inputs, and plans the rest", () =>
  inProject(async (project) => {
    workflow(project);
    const { second, third } = missing(project);
    const plan = await project.call("plan", "probe.ts");
    assert.equal(plan.code, 1, plan.err);
    assert.deepEqual(plan.out.split("\n").map((line) => line.replace(/ {2,}/g, "  ")), [
      "run  beside  it has not been run before",
      "run  first  it has not been run before",
      `can't run  second  ${second}`,
      `can't run  third  ${third}`,
      "can't run  last  it can't be planned before second, third",
      "2 would run, 0 may run, 0 kept, 3 blocked by missing inputs",
      "",
    ]);
    const { events } = await project.call("plan", "probe.ts", "--json");
    assert.deepEqual(
      events.map(({ id, state, reasons }) => [id, state, ...state === "blocked" ? reasons : []]),
      [
        ["beside", "run"],
        ["first", "run"],
        ["second", "blocked", second],
        ["third", "blocked", third],
        ["last", "blocked", "it can't be planned before second, third"],
      ],
    );
    assert.equal((await project.call("plan", "probe.ts", "beside")).code, 0);
  }));

Deno.test("a run says of each task what is missing for it, and does the rest; the other verbs say it too", () =>
  inProject(async (project) => {
    workflow(project);
    const { second, third } = missing(project);
    const run = await project.run();
    assert.equal(run.code, 1);
    assert.deepEqual(outcomes(run), {
      beside: "ran",
      first: "ran",
      second: "failed",
      third: "failed",
      last: "skipped",
    });
    const reasonOf = (id: string) => run.events.find((event) => event.id === id && event.reason)!.reason;
    assert.equal(reasonOf("second"), second);
    assert.equal(reasonOf("third"), third);

    const why = await project.call("why", "probe.ts", "third");
    assert.equal(why.out, `third can't run:\n  ${third}\n`);
    assert.match(
      (await project.call("show", "probe.ts", "third")).out,
      /^task +third \(can't run: input y: /,
    );
    assert.match((await project.call("graph", "probe.ts")).out, /class n2 blocked/);
    const frozen = await project.call("verify", "probe.ts", "--frozen");
    assert.equal(frozen.code, 3);
    assert.match(frozen.out, /second can't run: input x: .*\n.*third can't run: input y: /);
  }));

Deno.test("a source that is lost after a whole run is missed in the remembered plan as well", () =>
  inProject(async (project) => {
    workflow(project);
    project.write("none.txt", "none\n");
    project.write("nowhere/file", "text\n");
    project.workflow({
      first: cat({ a: "file:here.txt" }),
      second: cat({ x: "first.o", y: "file:none.txt" }),
      last: cat({ x: "second.o" }),
    });
    assert.deepEqual(outcomes(await project.run()), { first: "ran", second: "ran", last: "ran" });
    project.write("here.txt", "changed\n");
    Deno.removeSync(project.path("none.txt"));
    const { events } = await project.call("plan", "probe.ts", "--json");
    assert.deepEqual(events.map(({ id, state }) => [id, state]), [
      ["first", "run"],
      ["second", "blocked"],
      ["last", "blocked"],
    ]);
  }));
