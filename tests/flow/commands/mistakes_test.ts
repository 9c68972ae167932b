/** Mistakes of a user, and what the system refuses: each ends in one clear message, never in a stack. */

import assert from "node:assert/strict";
import { join } from "node:path";
import { failureText, messageOf } from "../../../lib/flow/failure.ts";
import { FlowError } from "../../../lib/flow/errors.ts";
import { inProject, type Project, type Result, resultOf } from "../cli.ts";

const echo = { kind: "command", params: { argv: ["sh", "-c", "echo 1 > out/o"] }, outputs: ["o"] };

/** What is done, and a part of what must be said of it. */
const mistakes: Record<string, [(project: Project) => Promise<Result>, RegExp]> = {
  "a workflow that is a folder": [(p) => p.call("run", "./folder.ts"), /no file/],
  "a workflow that does not parse": [(p) => p.call("run", "broken.ts"), /broken\.ts/],
  "a workflow that imports a name of all objects": [
    (p) => p.call("run", "imports.ts"),
    /"constructor" is neither/,
  ],
  "no name of a workflow": [(p) => p.call("run", ""), /there is no workflow ""/],
  "a store that is a file": [(p) => p.call("run", "probe.ts", "--store", p.path("probe.ts")), /probe\.ts/],
  "a store below a file": [(p) => p.call("run", "probe.ts", "--store", p.path("probe.ts/x")), /probe\.ts\/x/],
  "a store in a folder of the kernel": [
    (p) => p.call("run", "probe.ts", "--store", "/proc/none"),
    /\/proc\/none/,
  ],
  "a copy into a folder of the kernel": [
    (p) => p.call("get", "probe.ts", "a", "/proc/none"),
    /could not write a copy/,
  ],
  "a copy below a file": [
    (p) => p.call("get", "probe.ts", "a", p.path("probe.ts")),
    /could not write a copy/,
  ],
  "an output with the name of a member of all objects": [
    (p) => p.call("get", "probe.ts", "a.toString", p.path("x")),
    /has no output "toString"/,
  ],
  "a setting without a value": [(p) => p.call("run", "probe.ts", "--set", "a.argv"), /--set a\.argv/],
  "a setting with a lone surrogate": [
    (p) => p.call("run", "probe.ts", "--set", 'a.argv=["echo","\\ud800"]'),
    /not valid Unicode/,
  ],
  "a setting with a NUL character": [
    (p) => p.call("run", "probe.ts", "--set", 'a.env.A="x\\u0000y"'),
    /NUL character/,
  ],
  "an argument that is not Unicode": [
    (p) =>
      resultOf(p.spawnBy((argv) => ["bash", "-c", `exec "$@" $'\\xff'`, "bash", ...argv], "run", "probe.ts")),
    /not valid Unicode/,
  ],
  "a folder that is gone": [
    (p) => p.withEnvironment({ PROTOFLOW_CWD: p.path("none") }).call("run", "probe.ts"),
    /none can't be used/,
  ],
};

for (const [what, [call, said]] of Object.entries(mistakes)) {
  Deno.test(`${what} is told in words`, () =>
    inProject(async (project) => {
      project.workflow({ a: echo });
      if (/copy|output/.test(what)) await project.run();
      Deno.mkdirSync(project.path("folder.ts"));
      project.write("broken.ts", "export default {");
      project.write("imports.ts", 'import x from "constructor"; export default x;');
      const { code, out, err } = await call(project);
      assert.ok(code === 1 || code === 2, `${code}`);
      assert.match(out + err, said);
      assert.doesNotMatch(out + err, /\n\s+at |\.ts:\d+:\d+\)/);
    }));
}

Deno.test("a copy that fails leaves nothing behind", () =>
  inProject(async (project) => {
    project.workflow({ a: echo });
    await project.run();
    Deno.mkdirSync(project.path("store2"));
    const got = await project.call("get", "probe.ts", "a", project.path("got"));
    assert.equal(got.code, 0);
    assert.deepEqual([...Deno.readDirSync(project.path("got"))].map(({ name }) => name), ["o"]);
    const again = await project.call("get", "probe.ts", "a", project.path("got"));
    assert.equal(again.code, 2);
    assert.match(again.err, /already there; nothing was overwritten/);
  }));

Deno.test("a store that has lost its version file is one again; what it holds is reused", () =>
  inProject(async (project) => {
    project.workflow({ a: echo });
    await project.run();
    Deno.removeSync(project.path("store/version"));
    const { code, out } = await project.call("run", "probe.ts");
    assert.equal(code, 0);
    assert.match(out, /0 ran, 1 reused/);
  }));

Deno.test("the ~ of --store=~/x is the home folder, as is that of an input", () =>
  inProject(async (project) => {
    project.workflow({ a: { ...echo, inputs: { text: "file:nowhere" } } });
    project.write("text", "1");
    const atHome = project.withEnvironment({ HOME: project.folder, DENO_DIR: denoDir() });
    const { code, err } = await atHome.call("run", "probe.ts", "--set", "a.text=~/text", "--store", "~/here");
    assert.equal(code, 0, err);
    assert.ok(Deno.statSync(project.path("here/version")).isFile);
  }));

function denoDir(): string {
  return Deno.env.get("DENO_DIR") ?? join(Deno.env.get("HOME")!, ".cache", "deno");
}

Deno.test("what the system refuses has words; the stack of a fault is kept where the message says", () => {
  const full = Object.assign(new Error("No space left on device (os error 28)"), { code: "ENOSPC" });
  assert.equal(failureText(full), "no space left on the disk (No space left on device (os error 28))");
  assert.equal(failureText(new FlowError("usage", "given x, expected y")), "given x, expected y");
  assert.equal(messageOf("thrown text"), "thrown text");
  const store = Deno.makeTempDirSync();
  try {
    Deno.writeTextFileSync(`${store}/version`, "");
    for (const folder of [store, undefined, `${store}/none`]) {
      const text = failureText(new TypeError("x is not a function"), folder);
      const [, file] = /^x is not a function \(a fault of protoflow; its stack is in (.*)\)$/.exec(text)!;
      assert.equal(file.startsWith(store), folder === store);
      assert.match(Deno.readTextFileSync(file), /TypeError: x is not a function\n\s+at .*mistakes_test/);
      Deno.removeSync(file);
    }
  } finally {
    Deno.removeSync(store, { recursive: true });
  }
});
