/** Isolated tasks of a user who is not root, where the system lets such users make namespaces. */

import assert from "node:assert/strict";
import { asUser, canBeOthers, type User } from "../as_user.ts";
import { exists, inProject, outcomes, type Project, type Result, resultOf } from "../cli.ts";

const USER: User = { id: 61001, group: 61001, umask: "022" };

function call(project: Project, ...args: string[]): Promise<Result> {
  Deno.chmodSync(project.folder, 0o777);
  return resultOf(project.spawnBy((argv) => asUser(project.path("seen"), USER, argv), ...args));
}

const sh = (script: string, inputs: object = {}) => {
  return { kind: "command", params: { argv: ["sh", "-c", script] }, inputs, outputs: ["o"] };
};

/** Why tasks of such a user are not isolated here. */
async function obstacle(): Promise<string | undefined> {
  if (!await canBeOthers()) return "it needs root, unshare and setpriv";
  let shown = "";
  await inProject(async (project) => {
    project.workflow({ a: sh("echo > out/o") });
    assert.equal((await call(project, "run", "probe.ts")).code, 0);
    shown = /^inputs +(.*)$/m.exec((await call(project, "show", "probe.ts", "a")).out)![1];
  });
  return shown === "isolated" ? undefined : shown;
}

const left = await obstacle();

Deno.test({
  name: "tasks of a user who is not root are isolated too" +
    (left === undefined ? "" : ` (left out: ${left})`),
  ignore: left !== undefined,
  fn: () =>
    inProject(async (project) => {
      project.write("secret", "secret");
      project.write("words", "words");
      Deno.mkdirSync(project.path("texts"));
      project.write("texts/a", "aaa");
      const made = project.path("made");
      project.workflow({
        secret: sh(`cat ${project.path("secret")} > out/o`),
        unshared: sh(`unshare -Urm cat ${project.path("secret")} > out/o`),
        written: sh(`echo > ${made}; echo > out/o`),
        memory: sh("echo > /dev/shm/left; ls /dev/shm > out/o"),
        words: sh("cat in/words > out/o; [ $(id -u) = 61001 ]", { words: "file:words" }),
        kind: { kind: "lengths", inputs: { texts: "folder:texts" } },
      });
      const result = await call(project, "run", "probe.ts", "--json");
      assert.equal(result.err, "");
      assert.deepEqual(outcomes(result), {
        secret: "failed",
        unshared: "failed",
        written: "ran",
        memory: "ran",
        words: "ran",
        kind: "ran",
      }, result.out);
      assert.ok(!exists(made) && !exists("/dev/shm/left"));
    }),
});
