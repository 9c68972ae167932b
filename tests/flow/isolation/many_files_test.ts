/** An output of many files is mounted, not copied: an isolated task sees all of it, and can't change it. */

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
      "(ls in/many | wc -l; cat in/many/1200; echo x 2>/dev/null > in/many/7 || echo refused) > out/seen";
    project.workflow({
      make: command(make, { outputs: ["many"] }),
      read: command(read, { inputs: { many: "make.many" }, outputs: ["seen"] }),
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
    const verified = await project.call("verify");
    assert.equal(verified.code, 0, verified.out);
  });
});
