/** What a kind's process can't reach: files and storage that its key does not cover. */

import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { inProject, outcomes } from "../cli.ts";

const projectFile = fileURLToPath(new URL("../../../lib/flow/commands/gc.ts", import.meta.url));

Deno.test("no file that the key does not cover can be read, in whatever way, be it of the user or of the project", async () => {
  await inProject(async (project) => {
    project.write("secret.ts", "export const secret = 1;");
    const paths = { user: project.path("secret.ts"), project: projectFile };
    project.workflow(
      Object.fromEntries(
        Object.entries(paths).map(([id, path]) => [id, { kind: "file_reader", params: { path } }]),
      ),
    );
    const run = await project.run();
    assert.equal(run.code, 0, run.err + run.out);
    for (const id of Object.keys(paths)) {
      await project.call("get", "probe.ts", id, id);
      const { read, tried } = JSON.parse(project.read(`${id}/read`));
      assert.deepEqual(read, []);
      assert(tried > 10);
    }
  });
});

Deno.test("the error names the file, the line of the code, and what to do", async () => {
  await inProject(async (project) => {
    project.workflow({ a: { kind: "file_reader", params: { path: "/etc/hosts", fail: true } } });
    const run = await project.run();
    assert.deepEqual(outcomes(run), { a: "failed" });
    const { reason } = run.events.find(({ outcome }) => outcome === "failed")!;
    assert.match(reason, /read access to "\/etc\/hosts" at file:.*file_reader\.ts:\d+.*an input of the task/);
  });
});

Deno.test("a variable that a kind may read is in its key, but its value in no record", async () => {
  await inProject(async (project) => {
    project.workflow({ a: { kind: "flavour" } });
    const withFlavour = (FLAVOUR: string) => project.withEnvironment({ FLAVOUR });
    const secret = "sweet-7781";
    const all = async (of: typeof project) => outcomes(await of.run("a"));
    assert.deepEqual(await all(project), { a: "ran" });
    assert.deepEqual(await all(withFlavour("salty")), { a: "ran" });
    assert.deepEqual(await all(withFlavour("salty")), { a: "reused" });
    assert.deepEqual(await all(withFlavour("")), { a: "ran" });
    assert.deepEqual(await all(project), { a: "reused" });
    const why = await withFlavour(secret).call("why", "probe.ts", "a");
    assert.match(why.out, /environment variable FLAVOUR/);
    assert.deepEqual(await all(withFlavour("salty")), { a: "reused" });

    await withFlavour("salty").call("get", "probe.ts", "a", "set");
    assert.equal(project.read("set/text"), "salty");
    assert.equal((await withFlavour(secret).call("get", "probe.ts", "a", "other")).code, 2);

    assert.deepEqual(await all(withFlavour(secret)), { a: "ran" });
    const shown = await withFlavour(secret).call("show", "probe.ts", "a", "--json");
    assert(!shown.out.includes(secret));
    const { environment } = shown.events[0].record.manifest;
    assert.deepEqual(Object.keys(environment), ["FLAVOUR"]);
    assert.match(environment.FLAVOUR, /^[0-9a-f]{64}$/);
  });
});

Deno.test("a result is found where its variable is not set, as it was in the last run", async () => {
  await inProject(async (project) => {
    project.workflow({ a: { kind: "flavour" } });
    await project.withEnvironment({ FLAVOUR: "sweet" }).run();
    await project.withEnvironment({ FLAVOUR: "salty" }).run();
    await project.call("get", "probe.ts", "a", "got");
    assert.equal(project.read("got/text"), "salty");
    assert.deepEqual(outcomes(await project.run()), { a: "ran" });
  });
});

Deno.test("a program whose arguments depend on more than the params is refused with the line", async () => {
  await inProject(async (project) => {
    project.workflow({ a: { kind: "impure" } });
    const run = await project.run();
    assert.notEqual(run.code, 0);
    assert.match(run.err + run.out, /impure\.ts:12: Deno: the arguments and environment of a program/);
  });
});
