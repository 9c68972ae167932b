/** The nine probes of correctness that tell a cache which can be trusted from one that cannot, through the command line. */

import assert from "node:assert/strict";
import { exists, inOpenProject, inProject, outcomes, type Project, resultOf, until } from "./cli.ts";

const sh = (script: string, inputs: object = {}, outputs: string[] = ["o"]) => {
  return { kind: "command", params: { argv: ["sh", "-c", script] }, inputs, outputs };
};

/** words → upper → count → report. */
function words(project: Project, text: string): void {
  project.write("words.txt", text);
  project.workflow({
    upper: sh("tr a-z A-Z < in/text > out/o", { text: "file:words.txt" }),
    count: sh("wc -w < in/text > out/o", { text: "upper.o" }),
    report: sh("sed 's/$/ words/' in/n > out/o", { n: "count.o" }),
  });
}

async function result(project: Project, task = "report"): Promise<string> {
  const folder = `got-${crypto.randomUUID()}`;
  const { code, err } = await project.call("get", "probe.ts", task, folder);
  assert.equal(code, 0, err);
  return project.read(`${folder}/o`).trim();
}

async function blobOf(project: Project, task: string): Promise<string> {
  const [shown] = (await project.call("show", "probe.ts", task, "--json")).events;
  const { digest } = shown.record.outputs.o.file;
  return project.path(`store/blobs/${digest.slice(0, 2)}/${digest}`);
}

const ALL_RAN = { upper: "ran", count: "ran", report: "ran" };
const ALL_REUSED = { upper: "reused", count: "reused", report: "reused" };

Deno.test("probe 1: a change that leaves an output's bits alone stops there", async () => {
  await inProject(async (project) => {
    words(project, "one two\n");
    assert.deepEqual(outcomes(await project.run()), ALL_RAN);
    project.write("words.txt", "three four\n");
    assert.deepEqual(outcomes(await project.run()), { upper: "ran", count: "ran", report: "reused" });
    assert.equal(await result(project), "2 words");
  });
});

Deno.test("probe 2: there and back again reruns nothing", async () => {
  await inProject(async (project) => {
    words(project, "one two\n");
    await project.run();
    project.write("words.txt", "one two three\n");
    assert.deepEqual(outcomes(await project.run()), ALL_RAN);
    project.write("words.txt", "one two\n");
    assert.deepEqual(outcomes(await project.run()), ALL_REUSED);
    assert.equal(await result(project), "2 words");
  });
});

Deno.test("probe 3: touching a file reruns nothing", async () => {
  await inProject(async (project) => {
    words(project, "one two\n");
    await project.run();
    Deno.utimeSync(project.path("words.txt"), new Date(), new Date());
    Deno.utimeSync(project.path("probe.ts"), new Date(), new Date());
    assert.deepEqual(outcomes(await project.run()), ALL_REUSED);
  });
});

Deno.test("probe 4: an output damaged by hand is noticed and never fed to a task", async () => {
  for (const damage of ["other bytes", "same size", "cut", "removed"]) {
    await inProject(async (project) => {
      words(project, "one two\n");
      await project.run();
      const blob = await blobOf(project, "upper");
      Deno.chmodSync(blob, 0o644);
      if (damage === "other bytes") Deno.writeTextFileSync(blob, "X Y Z\n");
      if (damage === "same size") Deno.writeTextFileSync(blob, "X Y Z W\n");
      if (damage === "cut") Deno.truncateSync(blob, 1);
      if (damage === "removed") Deno.removeSync(blob);
      // What takes the damaged output has to run, so that it would be fed.
      project.workflow({
        upper: sh("tr a-z A-Z < in/text > out/o", { text: "file:words.txt" }),
        count: sh("wc -w < in/text > out/o; true", { text: "upper.o" }),
        report: sh("sed 's/$/ words/' in/n > out/o", { n: "count.o" }),
      });
      const run = await project.run();
      assert.deepEqual(outcomes(run), { upper: "ran", count: "ran", report: "reused" }, damage);
      assert.equal(await result(project), "2 words");
      assert.equal((await project.call("verify")).code, 0, "damaged entries are quarantined");
    });
  }
});

Deno.test("probe 5: other bytes at the same size and time of change are noticed", async () => {
  await inProject(async (project) => {
    words(project, "one two\n");
    const file = project.path("words.txt");
    const { mtime, atime } = Deno.statSync(file);
    await project.run();
    Deno.writeTextFileSync(file, "oneatwo\n");
    Deno.utimeSync(file, atime!, mtime!);
    assert.equal(Deno.statSync(file).mtime!.getTime(), mtime!.getTime());
    assert.deepEqual(outcomes(await project.run()), ALL_RAN);
    assert.equal(await result(project), "1 words");
    // The same by another file of that name, size and time.
    Deno.writeTextFileSync(`${file}.new`, "two one\n");
    Deno.utimeSync(`${file}.new`, atime!, mtime!);
    Deno.renameSync(`${file}.new`, file);
    assert.equal(outcomes(await project.run()).upper, "ran");
    assert.equal(await result(project), "2 words");
  });
});

Deno.test("probe 6: an input edited during a run, then put back, never yields a wrong hit", async () => {
  await inOpenProject(async (project) => {
    project.write("words.txt", "right\n");
    const gate = project.path("gate");
    // It reads only when it is told to, and ends only when it is told to.
    const script =
      `touch ${gate}.there; while [ ! -e ${gate}.read ]; do sleep 0.01; done; cat in/text > out/o; ` +
      `touch ${gate}.has-read; while [ ! -e ${gate}.end ]; do sleep 0.01; done`;
    project.workflow({
      copy: sh(script, { text: "file:words.txt" }),
      next: sh("cat in/x > out/o", { x: "copy.o" }),
    });
    const child = project.spawn("run", "probe.ts", "--json");
    await until(() => exists(`${gate}.there`), "the task runs");
    project.write("words.txt", "wrong\n");
    project.write("gate.read", "");
    await until(() => exists(`${gate}.has-read`), "the task has read");
    project.write("words.txt", "right\n");
    project.write("gate.end", "");
    const { code, out } = await resultOf(child);
    assert.equal(code, 0, out);
    assert.equal(await result(project, "copy"), "right");
    assert.equal(await result(project, "next"), "right");
    assert.deepEqual(outcomes(await project.run()), { copy: "reused", next: "reused" });
  });
});

Deno.test("probe 7: what two processes want at once runs once; the other waits and says for whom", async () => {
  await inOpenProject(async (project) => {
    const [gate, count] = [project.path("gate"), project.path("count")];
    const script =
      `echo x >> ${count}; touch ${gate}.there; while [ ! -e ${gate}.go ]; do sleep 0.01; done; echo done > out/o`;
    project.workflow({ slow: sh(script) });
    const first = project.spawn("run", "probe.ts", "--json");
    await until(() => exists(`${gate}.there`), "the task runs");
    const second = project.spawn("run", "probe.ts", "--json");
    const reader = second.stdout.pipeThrough(new TextDecoderStream()).getReader();
    let told = "";
    for (;;) {
      const { done, value } = await reader.read();
      told += value ?? "";
      if (told.includes('"waiting"')) project.write("gate.go", "");
      if (done) break;
    }
    assert.deepEqual(outcomes(await resultOf(first)), { slow: "ran" });
    assert.equal((await second.status).code, 0);
    await second.stderr.cancel();
    const events = told.trim().split("\n").map((line) => JSON.parse(line));
    assert.match(
      events.find(({ event }) => event === "waiting").holder,
      new RegExp(`^process ${first.pid} on .* \\(protoflow run probe.ts`),
    );
    assert.equal(events.find(({ event }) => event === "action").outcome, "joined");
    assert.equal(project.read("count"), "x\n");
  });
});

Deno.test("probe 8: killed in the middle, the store is whole, nothing needs unlocking, and the next run ends right", async () => {
  await inOpenProject(async (project) => {
    const gate = project.path("gate");
    const script =
      `if [ ! -e ${gate}.go ]; then echo $$ > ${gate}.pid; touch ${gate}.there; echo half > out/o; sleep 60; fi; cat in/x > out/o`;
    project.write("words.txt", "one\n");
    project.workflow({
      first: sh("cat in/x > out/o", { x: "file:words.txt" }),
      slow: sh(script, { x: "first.o" }),
    });
    const child = project.spawn("run", "probe.ts", "--json");
    await until(() => exists(`${gate}.there`), "the task runs");
    child.kill("SIGKILL");
    await resultOf(child);
    assert.equal((await project.call("verify")).code, 0);
    assert.match((await project.call("status")).out, /died/);
    project.write("gate.go", "");
    assert.deepEqual(outcomes(await project.run()), { first: "reused", slow: "ran" });
    assert.equal(await result(project, "slow"), "one");
    assert.deepEqual(
      [...Deno.readDirSync(project.path("store/work"))],
      [],
      "what was left over is cleared away",
    );
  });
});

Deno.test("probe 9: with a 1 GB output, doing nothing neither reads nor copies it", async () => {
  await inProject(async (project) => {
    project.workflow({
      big: sh("truncate -s 1000000000 out/o"),
      small: sh("wc -c < in/x > out/o", { x: "big.o" }),
    });
    assert.deepEqual(outcomes(await project.run()), { big: "ran", small: "ran" });
    const before = Deno.statSync(await blobOf(project, "big"));
    // The shell's own figures hold those of the children it has waited for.
    const child = project.spawnBy(
      (argv) => ["sh", "-c", '"$@"; cat /proc/$$/io', "sh", ...argv],
      "run",
      "probe.ts",
      "--json",
    );
    const noop = await resultOf(child);
    assert.deepEqual(outcomes(noop), { big: "reused", small: "reused" });
    const moved = (name: string) => Number(new RegExp(`^${name}: (\\d+)`, "m").exec(noop.out)![1]);
    assert.ok(moved("rchar") < 100e6, `${moved("rchar")} bytes were read`);
    assert.ok(moved("wchar") < 10e6, `${moved("wchar")} bytes were written`);
    const after = Deno.statSync(await blobOf(project, "big"));
    assert.deepEqual([after.ino, after.mtime, after.ctime], [before.ino, before.mtime, before.ctime]);
  });
});
