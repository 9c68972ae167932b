/** Options that the command line checks before anything is looked at. */

import assert from "node:assert/strict";
import { exists, inProject } from "../cli.ts";

Deno.test("a device that is not known is refused by every verb that takes one, with the known and the nearest name", () =>
  inProject(async (project) => {
    project.workflow({ a: { kind: "command", params: { argv: ["true"] }, inputs: {}, outputs: [] } });
    for (const [verb, ...more] of [["run"], ["plan"], ["why", "a"], ["verify", "--frozen"]]) {
      const mistyped = await project.call(verb, "probe.ts", ...more, "--device", "cudda");
      assert.equal(mistyped.code, 2, mistyped.out);
      assert.match(mistyped.err, /--device.*'cudda' is invalid\. Did you mean cuda\? Known: cpu, cuda\.\n/);
    }
    const other = await project.call("run", "probe.ts", "--device", "quantum");
    assert.match(other.err, /'quantum' is invalid\. Known: cpu, cuda\.\n/);
    assert.ok(!exists(project.path("store")), "something was done all the same");
    assert.equal((await project.call("plan", "probe.ts", "--device", "cuda")).code, 0);
  }));

Deno.test("the project's own command line knows the devices of its runtime", async () => {
  const main = new URL("../../../main.ts", import.meta.url).pathname;
  const { code, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--no-check", "--quiet", main, "run", "birds", "--device", "webgpuu"],
    env: { NO_COLOR: "1" },
  }).output();
  assert.equal(code, 2);
  assert.match(new TextDecoder().decode(stderr), /Did you mean webgpu\? Known: cpu, webgpu, cuda\./);
});
