/** Two users with one store: what the system refuses is told with the command that shares it, which does share it. */

import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { denoFolder } from "../../../lib/flow/job/deno_command.ts";
import { inFolderOf } from "../../../lib/flow/store/layout.ts";
import { exists, inProject, outcomes, type Project, type Result, resultOf } from "../cli.ts";

interface User {
  readonly id: number;
  readonly umask: string;
}

const GROUP = 61000;
const owner: User = { id: 61001, umask: "022" };
const other: User = { id: 61002, umask: "077" };
const PROJECT = fileURLToPath(new URL("../../..", import.meta.url)).replace(/\/$/, "");
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
  assert.deepEqual([result.code, result.err], [0, ""], result.out);
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

/**
 * Runs `argv` as another user, who sees what may lie where only root can go, mounted below `seen`: Deno, its cache and
 * the project.
 */
function asUser(seen: string, { id, umask }: User, argv: string[]): string[] {
  const mounts = [[Deno.execPath(), `${seen}/deno`], [denoFolder(), `${seen}/cache`], [
    PROJECT,
    `${seen}/code`,
  ]];
  for (const [from, to] of mounts) {
    if (Deno.statSync(from).isDirectory) Deno.mkdirSync(to, { recursive: true });
    else inFolderOf(to, () => Deno.writeTextFileSync(to, ""));
  }
  const mount = mounts.map(([from, to]) => `mount --bind '${from}' '${to}'`).join(" && ");
  const become = `setpriv --reuid=${id} --regid=${id} --groups=${GROUP}`;
  const script =
    `${mount} && export HOME=/ DENO_DIR='${seen}/cache' && umask ${umask} && exec ${become} "$@"`;
  const seenArgv = argv.map((arg) => mounts.reduce((text, [from, to]) => text.replace(from, to), arg));
  return ["unshare", "--mount", "sh", "-c", script, "sh", ...seenArgv];
}

async function canBeOthers(): Promise<boolean> {
  if (Deno.build.os !== "linux" || Deno.uid() !== 0) return false;
  const folder = Deno.makeTempDirSync();
  try {
    Deno.chmodSync(folder, 0o755);
    const [program, ...args] = asUser(folder, other, [Deno.execPath(), "--version"]);
    return (await new Deno.Command(program, { args }).output()).success;
  } catch {
    return false;
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
}
