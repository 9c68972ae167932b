/** Ctrl-C, a full disk, too many open files, a store that cannot be used, and names that have to be quoted. */

import assert from "node:assert/strict";
import { exists, inOpenProject, inProject, outcomes, Project, resultOf, until } from "../cli.ts";

const sh = (script: string, inputs: object = {}, outputs: string[] = ["o"]) => {
  return { kind: "command", params: { argv: ["sh", "-c", script] }, inputs, outputs };
};

Deno.test("Ctrl-C ends the children, keeps what was complete, says how to go on, and exits 130", async () => {
  await inOpenProject(async (project) => {
    const pid = project.path("pid");
    project.workflow({
      quick: sh("echo quick > out/o"),
      slow: sh(`[ -e ${pid} ] || { cat in/x > /dev/null; echo $$ > ${pid}; sleep 60; }; echo slow > out/o`, {
        x: "quick.o",
      }),
      after: sh("cat in/x > out/o", { x: "slow.o" }),
    });
    const child = project.spawn("run", "probe.ts");
    await until(() => exists(pid) && project.read("pid").endsWith("\n"), "the slow task runs");
    child.kill("SIGINT");
    const { code, out } = await resultOf(child);
    assert.equal(code, 130);
    assert.match(out, /interrupted: .* run the same command to resume/);
    assert.match(out, /skipped after {2}\(interrupted\)/);
    assert.ok(!exists(`/proc/${project.read("pid").trim()}`), "the child is gone");
    assert.match((await project.call("status")).out, /interrupted/);
    assert.deepEqual(outcomes(await project.run()), { quick: "reused", slow: "ran", after: "ran" });
  });
});

Deno.test("a chain that is interrupted goes on from its last segment", async () => {
  await inProject(async (project) => {
    project.workflow({ train: { kind: "hash_chain", params: { seed: "s", steps: 400, segment: 1 } } });
    const child = project.spawn("run", "probe.ts");
    const states = () =>
      exists(project.path("store/records")) ? [...Deno.readDirSync(project.path("store/records"))].length : 0;
    await until(() => states() >= 2, "some states are kept");
    child.kill("SIGINT");
    assert.equal((await resultOf(child)).code, 130);
    project.workflow({ train: { kind: "hash_chain", params: { seed: "s", steps: 400, segment: 400 } } });
    const { events, code } = await project.run();
    assert.equal(code, 0);
    assert.match(events.find(({ event }) => event === "action")!.reason, /^goes on from step \d+;/);
  });
});

Deno.test("status tells who runs what, where and how far", async () => {
  await inOpenProject(async (project) => {
    const gate = project.path("gate");
    project.workflow({
      slow: sh(`touch ${gate}.there; while [ ! -e ${gate}.go ]; do sleep 0.01; done; echo > out/o`),
    });
    const child = project.spawn("run", "probe.ts", "--json");
    await until(() => exists(`${gate}.there`), "the task runs");
    const { out } = await project.call("status");
    assert.match(
      out,
      new RegExp(`probe  running  .*@.* \\(${child.pid}\\)  0/1 done, for .*, since 20.*Z\n  slow  `),
    );
    project.write("gate.go", "");
    await resultOf(child);
    assert.match((await project.call("status")).out, /probe {2}done .* 1 ran, 0 reused/);

    for (const file of ["gate.go", "gate.there"]) Deno.removeSync(project.path(file));
    const killed = project.spawn("run", "probe.ts", "--store", project.path("another"));
    await until(() => exists(`${gate}.there`), "the task runs again");
    killed.kill("SIGKILL");
    await killed.output();
    project.write("gate.go", "");
    const after = await project.call("status", "--store", project.path("another"));
    assert.match(after.out, /probe {2}died .* run the same command to resume\n$/);
  });
});

Deno.test("a store of a newer version, and a folder that is no store, are refused untouched", async () => {
  await inProject(async (project) => {
    project.workflow({ a: sh("echo > out/o") });
    await project.run();
    project.write("store/version", "protoflow store 999\n");
    const newer = await project.run();
    assert.equal(newer.code, 1);
    assert.match(newer.err, /newer/);
    assert.equal(project.read("store/version"), "protoflow store 999\n");
    project.write("other/file", "mine");
    const other = await project.run("--store", project.path("other"));
    assert.equal(other.code, 1);
    assert.match(other.err, /other/);
    assert.deepEqual([...Deno.readDirSync(project.path("other"))].map(({ name }) => name), ["file"]);
  });
});

Deno.test("names with spaces, commas, quotes and other scripts work, also as permissions", async () => {
  await inProject(async ({ folder }) => {
    const project = new Project(`${folder}/a b,c'd "e" ü 图`);
    project.write("the text.txt", "words");
    project.write("texts/ein Text, auch.txt", "four");
    const params = { outside: project.path("the text.txt") };
    project.workflow({
      shell: sh(`cat "in/text" > out/o`, { text: "file:the text.txt" }),
      probe: { kind: "probe_sandbox", params, inputs: { text: "file:the text.txt" } },
      measure: { kind: "lengths", params: {}, inputs: { texts: "folder:texts" } },
    });
    const run = await project.run();
    assert.equal(run.code, 0, run.out + run.err);
    await project.call("get", "probe.ts", "measure", "got");
    assert.equal(project.read("got/lengths"), "ein Text, auch.txt: 4 characters\n");
  });
});

const isRoot = Deno.build.os === "linux" && Deno.uid() === 0;

for (const [how, within] of Object.entries({ isolated: inProject, "not isolated": inOpenProject })) {
  Deno.test({
    name: `where too many files are open, what can't be run says what to do, and is run later: ${how}`,
    ignore: Deno.build.os === "windows",
    fn: () =>
      within(async (project) => {
        const names = Array.from({ length: 40 }, (_, i) => `t${i}`);
        project.workflow(
          Object.fromEntries(names.map((name) => [name, sh(`: ${name}; sleep 0.2; echo > out/o`)])),
        );
        const limited = (argv: string[]) => ["sh", "-c", 'ulimit -n 45; exec "$@"', "sh", ...argv];
        const args = ["run", "probe.ts", "--json", "--jobs", "40"];
        const { events } = await resultOf(project.spawnBy(limited, ...args));
        for (const { reason } of events.filter(({ outcome }) => outcome === "failed")) {
          assert.match(reason, /raise the limit \(ulimit -n\)/);
        }
        assert.equal((await project.run()).code, 0);
        assert.equal((await project.call("verify")).code, 0);
      }),
  });
}

Deno.test({
  name: "a full disk is a clear error, loses nothing, and the same command goes on when there is room",
  ignore: !isRoot,
  async fn() {
    await inProject(async (project) => {
      const store = project.path("store");
      Deno.mkdirSync(store);
      const mount = (...args: string[]) =>
        new Deno.Command("mount", { args, stderr: "null" }).outputSync().success;
      if (!mount("-t", "tmpfs", "-o", "size=4m", "tmpfs", store)) {
        console.log("not tested: a tmpfs cannot be mounted here");
        return;
      }
      try {
        project.workflow({
          small: sh("echo small > out/o"),
          // It does not mind the full disk, so that it is the engine that meets it.
          large: sh("cat in/x > /dev/null; dd if=/dev/zero of=out/o bs=64k count=160 2>/dev/null; true", {
            x: "small.o",
          }),
        });
        const full = await project.run();
        assert.equal(full.code, 1, full.out + full.err);
        const failed = full.events.find(({ id, outcome }) => id === "large" && outcome === "failed");
        assert.match(failed?.reason ?? full.err, /full|no space/i);
        assert.equal(outcomes(full).small, "ran");
        assert.ok(mount("-o", "remount,size=64m", store));
        const run = await project.run();
        assert.equal(run.code, 0, run.out + run.err);
        assert.deepEqual(outcomes(run), { small: "reused", large: "ran" });
        await project.call("get", "probe.ts", "large", "got");
        assert.equal(Deno.statSync(project.path("got/o")).size, 160 * 65536);
      } finally {
        new Deno.Command("umount", { args: [store] }).outputSync();
      }
    });
  },
});

Deno.test({
  name: "a store that may only be read serves what it has, and says clearly what it cannot do",
  ignore: !isRoot,
  async fn() {
    await inProject(async (project) => {
      const store = project.path("store");
      const mount = (...args: string[]) =>
        new Deno.Command("mount", { args, stderr: "null" }).outputSync().success;
      project.write("words.txt", "one");
      project.workflow({ copy: sh("cat in/x > out/o", { x: "file:words.txt" }) });
      await project.run();
      if (!mount("--bind", store, store) || !mount("-o", "remount,ro,bind", store)) {
        console.log("not tested: a folder cannot be mounted read-only here");
        return;
      }
      try {
        const reused = await project.run();
        assert.deepEqual([reused.code, outcomes(reused)], [0, { copy: "reused" }], reused.err);
        assert.match(reused.err, /^warning: no permission to write the record of the run/);
        for (const verb of [["plan"], ["show", "copy"], ["graph"]]) {
          const { code, err } = await project.call(verb[0], "probe.ts", ...verb.slice(1));
          assert.equal(code, 0, err);
        }
        project.write("words.txt", "two");
        const refused = await project.run();
        assert.equal(refused.code, 1);
        assert.match(
          refused.err,
          /^error: no permission to work on the store .*expected a folder that this user may write to.*\n$/,
        );
      } finally {
        new Deno.Command("umount", { args: [store] }).outputSync();
      }
      assert.deepEqual(outcomes(await project.run()), { copy: "ran" });
    });
  },
});
