/** An output of many files is mounted, not copied: isolated tasks see all of it, can't change it, and share its files. */

import assert from "node:assert/strict";
import { inProject } from "../cli.ts";

const FILES = 1200;

Deno.test("an output of more than a thousand files is mounted read-only", async () => {
  await inProject(async (project) => {
    const command = (script: string, more: object = {}) => ({
      kind: "command",
      params: { argv: ["sh", "-c", script] },
      ...more,
    });
    const make = `mkdir out/many; for i in $(seq ${FILES}); do echo $i > out/many/$i; done`;
    const read =
      "(ls in/many | wc -l; cat in/many/1200; echo x 2>/dev/null > in/many/7 || echo refused) > out/seen; " +
      "stat -c %i in/many/7 > out/file";
    const reading = { inputs: { many: "make.many" }, outputs: ["seen", "file"] };
    project.workflow({
      make: command(make, { outputs: ["many"] }),
      read: command(read, reading),
      again: command(`: ; ${read}`, reading),
    });
    const run = await project.run();
    assert.equal(run.code, 0, run.err + run.out);
    const shown = (await project.call("show", "probe.ts", "read", "--json")).events[0];
    if (shown.record.facts.inputs !== "isolated") {
      console.log("not tested: tasks can't be isolated here");
      return;
    }
    await project.call("get", "probe.ts", "read.seen", "got");
    assert.equal(project.read("got/seen"), `${FILES}\n1200\nrefused\n`);
    for (const task of ["read", "again"]) await project.call("get", "probe.ts", `${task}.file`, task);
    assert.equal(project.read("read/file"), project.read("again/file"));
    const verified = await project.call("verify");
    assert.equal(verified.code, 0, verified.out);
  });
});

Deno.test("kinds, which can't write to their inputs, share an output of more than sixteen files, and no smaller one", async () => {
  await inProject(async (project) => {
    const make = (files: number) => ({
      kind: "command",
      params: {
        argv: ["sh", "-c", `mkdir out/files; for i in $(seq ${files}); do echo $i > out/files/$i; done`],
      },
      outputs: ["files"],
    });
    const read = (files: string, seed: number) => ({
      kind: "file_id",
      params: { name: "7", seed },
      inputs: { files: `${files}.files` },
    });
    project.workflow({
      many: make(17),
      few: make(16),
      ...Object.fromEntries(
        ["many", "few"].flatMap((files) => [1, 2].map((seed) => [`${files}-${seed}`, read(files, seed)])),
      ),
    });
    const run = await project.run();
    assert.equal(run.code, 0, run.err + run.out);
    const shown = (await project.call("show", "probe.ts", "many-1", "--json")).events[0];
    if (shown.record.facts.inputs !== "isolated") {
      console.log("not tested: tasks can't be isolated here");
      return;
    }
    const idOf = async (task: string) => {
      await project.call("get", "probe.ts", `${task}.id`, task);
      return project.read(`${task}/id`);
    };
    const shared = await idOf("many-1");
    assert.equal(await idOf("many-2"), shared);
    for (const task of ["few-1", "few-2"]) assert.notEqual(await idOf(task), shared);
  });
});
