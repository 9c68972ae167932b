/** Kinds in TypeScript: what their process may do, retries, and progress. */

import assert from "node:assert/strict";
import { inProject, outcomes } from "../cli.ts";

Deno.test("a kind may read its inputs and write its outputs, and nothing else", async () => {
  await inProject(async (folder) => {
    const project = folder.withEnvironment({ CUDA_VISIBLE_DEVICES: "0" });
    project.write("text.txt", "words");
    project.write("secret.txt", "secret");
    const params = { outside: project.path("secret.txt") };
    project.workflow({ probe: { kind: "probe_sandbox", params, inputs: { text: "file:text.txt" } } });
    const run = await project.run("--device", "cuda");
    assert.equal(run.code, 0, run.err + run.out);
    await project.call("get", "probe.ts", "probe", "got", "--device", "cuda");
    const report = JSON.parse(project.read("got/report"));
    assert.deepEqual(report.possible, ["read input"]);
    assert.equal(report.device, "cuda");
    assert.equal(report.runtime, "ort");
    assert.equal(report.resources.cpu, 1);
    assert.deepEqual(report.none, []);
    assert.equal(project.read("secret.txt"), "secret");
    assert.equal(project.read("text.txt"), "words");
    assert.deepEqual(
      outcomes(await project.run("--device", "cpu")),
      { probe: "ran" },
      "the device is part of the key",
    );
    assert.deepEqual(
      outcomes(await project.run("--runtime", "tfjs")),
      { probe: "ran" },
      "the runtime is part of the key",
    );
    const unknown = await project.run("--runtime", "torch");
    assert.equal(unknown.code, 2);
    assert.match(unknown.err, /torch.*Allowed choices are ort, tfjs/s);
  });
});

Deno.test("a kind that may fail is tried again, with the partial work of earlier tries", async () => {
  await inProject(async (project) => {
    project.workflow({
      twice: { kind: "flaky", params: { failures: 2 } },
      always: { kind: "flaky", params: { failures: 5 } },
    });
    const run = await project.run();
    assert.deepEqual(outcomes(run), { twice: "ran", always: "failed" });
    const retries = run.events.filter(({ event }) => event === "retry");
    assert.deepEqual(retries.filter(({ id }) => id === "twice").map(({ waitMs }) => waitMs), [50, 100]);
    const [shown] = (await project.call("show", "probe.ts", "twice", "--json")).events;
    assert.equal(shown.record.facts.attempts, 3);
    const failed = run.events.find(({ id, outcome }) => id === "always" && outcome === "failed")!;
    assert.equal(failed.reason, "failure 3");
    assert.match(Deno.readTextFileSync(failed.log), /Error: failure 3\n\[stack\] at .*flaky\.ts/);
    // What the scratch folder of a failed action holds is there for the next run: tries 4 to 6.
    assert.deepEqual(outcomes(await project.run("always")), { always: "ran" });
  });
});

Deno.test("a time limit ends a kind, which may put things in order before", async () => {
  await inProject(async (project) => {
    project.workflow({ sleep: { kind: "sleeper", params: {} } });
    const run = await project.run();
    const failed = run.events.find(({ event }) => event === "action")!;
    assert.equal(failed.reason, "ended at its time limit of 5 s");
    assert.equal(Deno.readTextFileSync(failed.log), "asleep\nwoken\n");
  });
});
