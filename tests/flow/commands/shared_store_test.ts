/** Two users with one store: what the system refuses is told with the commands that share it, and they do share it. */

import assert from "node:assert/strict";
import { inProject, outcomes, type Project, type Result, resultOf } from "../cli.ts";

const OWNER = 61001, OTHER = 61002, GROUP = 61000;
const ignore = !await canBeOthers();

Deno.test({
  name: `a store that another user's umask closed says what to set, and takes results of both then${
    ignore ? " (left out: it needs root and setpriv)" : ""
  }`,
  ignore,
  fn: () =>
    inProject(async (project) => {
      Deno.chmodSync(project.folder, 0o777);
      workflow(project, "one");
      const first = await runAs(project, OWNER, "022");
      assert.equal(first.code, 0, first.err);
      workflow(project, "two");
      const refused = await runAs(project, OTHER, "022");
      assert.equal(refused.code, 1);
      const said = refused.err + refused.out;
      assert.match(said, /no permission/);
      const commands = [...said.matchAll(/`((?:chgrp|find) [^`]*)`/g)].map(([, command]) => command);
      assert.equal(commands.length, 2, said);
      assert.match(said, /umask 002/);
      assert.doesNotMatch(said, /a fault of protoflow/);

      for (const command of commands) {
        const args = ["-c", command.replace("GROUP", String(GROUP))];
        assert.ok((await new Deno.Command("sh", { args }).output()).success, command);
      }
      for (
        const [text, user] of [["two", OTHER], ["three", OWNER], ["four", OTHER], ["two", OWNER]] as const
      ) {
        workflow(project, text);
        const run = await runAs(project, user, "002");
        assert.equal(run.code, 0, run.err + run.out);
        assert.doesNotMatch(run.err, /warning/);
        const reused = outcomes(run).task === "reused" || run.events.some(({ reused }) => Number(reused) > 0);
        assert.equal(reused, text === "two" && user === OWNER, run.out);
      }
      const verified = await project.call("verify");
      assert.equal(verified.code, 0, verified.err);
    }),
});

function workflow(project: Project, text: string): void {
  const argv = ["sh", "-c", `mkdir out/o; cat in/x > out/o/a; echo ${text} > out/o/b`];
  project.write("text", "some text\n");
  project.workflow({
    task: { kind: "command", params: { argv }, inputs: { x: "file:text" }, outputs: ["o"] },
  });
  for (const name of ["text", "probe.ts"]) Deno.chmodSync(project.path(name), 0o644);
}

/** The program itself lies where only root may read: the user may read everything, and write what is its own. */
function asUser(user: number, umask: string): (argv: string[]) => string[] {
  // Without the securebit, access(2) looks at the rights of the user alone.
  const rights = [
    "--securebits=+no_setuid_fixup",
    "--inh-caps=+dac_read_search",
    "--ambient-caps=+dac_read_search",
  ];
  const ids = [`--reuid=${user}`, `--regid=${user}`, `--groups=${GROUP}`];
  return (argv) => ["setpriv", ...ids, ...rights, "sh", "-c", `umask ${umask}; exec "$@"`, "sh", ...argv];
}

function runAs(project: Project, user: number, umask: string): Promise<Result> {
  return resultOf(project.spawnBy(asUser(user, umask), "run", "probe.ts", "--json"));
}

async function canBeOthers(): Promise<boolean> {
  if (Deno.build.os !== "linux" || Deno.uid() !== 0) return false;
  try {
    const [program, ...args] = asUser(OTHER, "022")(["true"]);
    return (await new Deno.Command(program, { args }).output()).success;
  } catch {
    return false;
  }
}
