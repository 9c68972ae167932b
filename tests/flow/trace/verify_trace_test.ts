/** `verify --trace`: every file that a task reads and its key does not cover is named, and nothing else is. */

import assert from "node:assert/strict";
import sharp from "sharp";
import { inOpenProject, inProject, type Project, type Result } from "../cli.ts";
import { hasStrace } from "../faults/system_calls.ts";

const withStrace = await hasStrace();
const suffix = withStrace ? "" : " (left out: strace is absent, or may not trace here)";

Deno.test({
  name: "verify --trace names what a task reads by whatever way and its key does not cover" + suffix,
  ignore: !withStrace,
  fn: () =>
    inOpenProject(async (project) => {
      const far = (name: string) => project.path(`away/${name}`);
      for (const name of ["text", "deep", "linked", "moved", 'odd "ü<>\\name', "folder/file"]) {
        project.write(`away/${name}`, `${name}\n`);
      }
      for (const [name, text] of [["tool", "echo 1"], ["script", `#!${far("interpreter")}\n`]]) {
        project.write(`away/${name}`, text);
        Deno.chmodSync(far(name), 0o755);
      }
      Deno.copyFileSync("/usr/bin/true", far("interpreter"));
      Deno.symlinkSync(far("text"), far("link"));
      project.write("given", "given\n");
      const tasks = {
        read: [`cat '${far("text")}' > out/o`, far("text")],
        child: [`(sh -c "cat '${far("deep")}'" | cat) > out/o`, far("deep")],
        parent: [`cd '${far("folder")}' && cat ../text > "$OLDPWD/out/o"`, far("text")],
        link: [`cat '${far("link")}' > out/o`, far("text")],
        odd: [`cat '${far('odd "ü<>\\name')}' > out/o`, far('odd "ü<>\\name')],
        list: [`ls '${far("folder")}' > out/o`, far("folder")],
        run: [`cd '${far("")}' && ./script && echo > "$OLDPWD/out/o"`, far("script"), far("interpreter")],
        hard: [`ln '${far("linked")}' out/o`, far("linked")],
        move: [`mv '${far("moved")}' out/o && cp out/o '${far("moved")}'`, far("moved")],
        stray: [`cat '${far("text")}' > out/o; setsid sleep 1000 &`, far("text")],
      };
      project.workflow(Object.fromEntries(Object.entries(tasks).map(([id, [script]]) => [id, sh(script)])));
      const result = await traced(project);
      assert.equal(result.code, 3, result.err + result.out);
      for (const [id, [, ...expected]] of Object.entries(tasks)) {
        const { uncovered } = result.events.find(({ event, id: of }) => event === "rebuild" && of === id)!;
        assert.deepEqual(uncovered.map(({ path }: { path: string }) => path), expected, id);
      }
      const { code, out } = await project.call("verify", "probe.ts", "--trace", "child");
      assert.equal(code, 3);
      assert.ok(out.includes(`child: reads ${far("deep")}, which its key does not cover\n`), out);
      assert.match(out, /[1-9]\d* files of the system/);
    }),
});

Deno.test({
  name: "verify --trace names nothing of a task that reads what it is given and what it makes" + suffix,
  ignore: !withStrace,
  fn: () =>
    inOpenProject(async (project) => {
      for (const name of ["texts/a", "texts/b"]) project.write(name, "some text");
      const scratch = project.path("made by the task");
      const script =
        `cat in/x/* > out/o; mktemp > tmp/name; cat $(cat tmp/name) >> out/o; ls in/x > tmp/l; ` +
        `mkdir '${scratch}'; echo > '${scratch}/a'; mv '${scratch}/a' '${scratch}/b'; cat '${scratch}/b' >> out/o; ` +
        `ls '${scratch}'; rm -r '${scratch}'; cp /usr/bin/true tmp/; tmp/true`;
      project.workflow({
        program: sh(script, { x: "folder:texts" }),
        items: { kind: "lengths", inputs: { texts: "folder:texts" } },
        after: sh("cat in/x > out/o", { x: "program.o" }),
        chain: { kind: "hash_chain", params: { seed: "a", steps: 2, segment: 1 } },
      });
      const result = await traced(project);
      assert.equal(result.code, 0, result.err + result.out);
      const reads = result.events.filter(({ event }) => event === "rebuild");
      assert.deepEqual(reads.map(({ uncovered }) => uncovered), [[], [], [], []]);
    }),
});

Deno.test({
  name: "verify --trace names what a native library reads past the permissions of a kind" + suffix,
  ignore: !withStrace,
  fn: () =>
    inOpenProject(async (project) => {
      const path = project.path("image.png");
      await sharp({ create: { width: 3, height: 2, channels: 3, background: "red" } }).png().toFile(path);
      project.workflow({ image: { kind: "image_reader", params: { path } } });
      const result = await traced(project);
      assert.equal(result.code, 3, result.err + result.out);
      const { uncovered } = result.events.find(({ event }) => event === "rebuild")!;
      assert.deepEqual(uncovered, [{ path, how: "read" }]);
    }),
});

Deno.test({
  name: "verify --trace names a file of an input that no item depends on" + suffix,
  ignore: !withStrace,
  fn: () =>
    inProject(async (project) => {
      for (const name of ["a", "b", "c"]) project.write(`texts/${name}`, "some text");
      project.workflow({
        items: { kind: "lengths", params: { neighbour: "c" }, inputs: { texts: "folder:texts" } },
      });
      const { code, events } = await traced(project);
      assert.equal(code, 3);
      const { uncovered } = events.find(({ event }) => event === "rebuild")!;
      assert.deepEqual(uncovered, [{ path: "in/texts/c", how: "read" }]);
    }),
});

Deno.test("verify --trace without strace says so in one line", () =>
  inProject(async (project) => {
    project.workflow({ a: sh("echo > out/o", {}) });
    const result = await project.withEnvironment({ PATH: project.folder }).call(
      "verify",
      "probe.ts",
      "--trace",
    );
    assert.equal(result.code, 2);
    assert.match(result.err, /^error: verify --trace needs strace, which .*\n$/);
  }));

function sh(script: string, inputs: Record<string, string> = {}): object {
  return { kind: "command", params: { argv: ["sh", "-c", script] }, inputs, outputs: ["o"] };
}

async function traced(project: Project): Promise<Result> {
  const run = await project.run();
  assert.equal(run.code, 0, run.err + run.out);
  return await project.call("verify", "probe.ts", "--trace", "--json");
}
