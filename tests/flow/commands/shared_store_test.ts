/** Two users with one store: what the system refuses is told with the command that shares it, which does share it. */

import assert from "node:assert/strict";
import { asUser, canBeOthers, type User } from "../as_user.ts";
import { exists, inProject, outcomes, type Project, type Result, resultOf } from "../cli.ts";

const GROUP = 61000;
const owner: User = { id: 61001, group: GROUP, umask: "022" };
const other: User = { id: 61002, group: GROUP, umask: "077" };
const ignore = !await canBeOthers();

Deno.test({
  name:
    "a store that is closed to another user says how to share it, and then takes results of both, whatever their umasks" +
    (ignore ? " (left out: it needs root, unshare and setpriv)" : ""),
  ignore,
  fn: () =>
    inProject(async (project) => {
      Deno.chmodSync(project.folder, 0o777);
      const commands = new Set<string>();
      for (const [umask, ...refused] of [["022", "gc"], ["077", "run probe.ts", "gc", "verify"]]) {
        if (exists(project.path("store"))) Deno.removeSync(project.path("store"), { recursive: true });
        workflow(project, "one");
        await succeed(project, { ...owner, umask }, "run", "probe.ts");
        workflow(project, "two");
        for (const words of refused) {
          const { code, err, out } = await callAs(project, other, ...words.split(" "));
          assert.equal(code, 1, err + out);
          commands.add(/^error: no permission .*`(chgrp [^`]*)`\n$/.exec(err)?.[1] ?? assert.fail(err + out));
        }
      }
      assert.equal(commands.size, 1);
      const [command] = [...commands].map((text) => text.replaceAll("GROUP", String(GROUP)));
      assert.ok((await new Deno.Command("sh", { args: ["-c", command] }).output()).success, command);
      await useByBoth(project);
    }),
});

/** Each of the users makes results, uses those of the other, and removes them. */
async function useByBoth(project: Project): Promise<void> {
  for (
    const [text, user, outcome] of [
      ["two", other, "ran"],
      ["one", other, "reused"],
      ["two", owner, "reused"],
      ["three", owner, "ran"],
    ] as const
  ) {
    workflow(project, text);
    const run = await succeed(project, user, "run", "probe.ts", "--json");
    assert.deepEqual(outcomes(run), { task: outcome }, text);
  }
  await succeed(project, other, "verify");
  const got = project.path("got");
  await succeed(project, other, "get", "probe.ts", "task", got);
  assert.equal(Deno.statSync(got).mode! & 0o777, 0o700);
  for (const run of Deno.readDirSync(project.path("store/runs"))) {
    if (run.isFile) Deno.removeSync(project.path(`store/runs/${run.name}`));
  }
  const gc = await succeed(project, other, "gc", "--json");
  assert.equal(gc.events[0].removed.length, 3);
}

async function succeed(project: Project, user: User, ...args: string[]): Promise<Result> {
  const result = await callAs(project, user, ...args);
  const err = result.err.replace(/^note: open .* to see how far the run is\n/, "");
  assert.deepEqual([result.code, err], [0, ""], result.out);
  return result;
}

function workflow(project: Project, text: string): void {
  const argv = ["sh", "-c", `mkdir out/o; cat in/x > out/o/a; echo ${text} > out/o/b`];
  project.write("text", "some text\n");
  project.workflow({
    task: { kind: "command", params: { argv }, inputs: { x: "file:text" }, outputs: ["o"] },
  }, { result: "task.o" });
  for (const name of ["text", "probe.ts"]) Deno.chmodSync(project.path(name), 0o644);
}

function callAs(project: Project, user: User, ...args: string[]): Promise<Result> {
  return resultOf(project.spawnBy((argv) => asUser(project.path("seen"), user, argv), ...args));
}
