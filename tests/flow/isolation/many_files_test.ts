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
