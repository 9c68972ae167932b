/** Two stores and one cache, by the command line: what one has run the other does not run. */

import assert from "node:assert/strict";
import { inProject, outcomes, type Project } from "../cli.ts";
import { type TestServer, withServer } from "../remote/cache_server.ts";

const shell = (script: string, inputs: object, outputs: string[]) => ({
  kind: "command",
  params: { argv: ["sh", "-c", script] },
  inputs,
  outputs,
});

/** Four tasks in a row; each repeats what it reads. */
function workflow(project: Project, last = "tail"): void {
  const read = (task: string) => ({ from: `${task}.out` });
  project.workflow({
    a: shell("printf 'first part of it' > out/out; printf 'nobody reads this' > out/more", {}, [
      "out",
      "more",
    ]),
    b: shell("cat in/from > out/out; echo b >> out/out", read("a"), ["out"]),
    c: shell("cat in/from > out/out; echo c >> out/out", read("b"), ["out"]),
    d: shell(`cat in/from > out/out; echo ${last} >> out/out`, read("c"), ["out"]),
  });
}

const bytesUnder = (server: TestServer, folder: string) =>
  [...server.kept].filter(([path]) => path.startsWith(`${folder}/`)).reduce(
    (sum, [, { length }]) => sum + length,
    0,
  );

Deno.test("a second store runs nothing, fetches records alone, and gets the files that are asked for", () =>
  withServer(async (project, server) => {
    workflow(project);
    const first = await project.run("--cache", server.url);
    assert.deepEqual(outcomes(first), { a: "ran", b: "ran", c: "ran", d: "ran" }, first.err);
    assert.equal(first.events.find(({ event }) => event === "cache")?.sent, 4);

    server.fetchedBytes = 0;
    const other = ["--store", project.path("other"), "--cache", server.url, "--cache-read-only"];
    const second = await project.run(...other);
    assert.equal(second.code, 0, second.err);
    assert.deepEqual(outcomes(second), { a: "reused", b: "reused", c: "reused", d: "reused" });
    assert.equal(server.fetchedBytes, bytesUnder(server, "ac"));
    assert.equal(server.count("GET", "cas"), 0);

    server.fetchedBytes = 0;
    const got = await project.call("get", "probe.ts", "d.out", "out", ...other);
    assert.equal(got.code, 0, got.err);
    assert.equal(project.read("out/out"), "first part of itb\nc\ntail\n");
    assert.equal(server.count("GET", "cas"), 1);

    // One task differs: it runs, on what the one before it has made.
    workflow(project, "other");
    server.requests.length = 0;
    const changed = await project.run(...other);
    assert.deepEqual(outcomes(changed), { a: "reused", b: "reused", c: "reused", d: "ran" }, changed.err);
    assert.equal(server.count("GET", "cas"), 1, server.requests.join("\n"));
    assert.equal(server.count("PUT", "ac"), 0);
  }));

Deno.test("a folder that was fetched is found by every later run without the cache", () =>
  withServer(async (project, server) => {
    const folder = "mkdir -p out/out/below; echo 1 > out/out/one; echo 2 > out/out/below/two";
    project.workflow({ a: shell(folder, {}, ["out"]) });
    assert.equal((await project.run("--cache", server.url)).code, 0);
    const other = ["--store", project.path("other")];
    const got = await project.call("get", "probe.ts", "a.out", "copy", ...other, "--cache", server.url);
    assert.equal(got.code, 0, got.err);
    for (const run of ["plans", "remembers the plan", "remembers it still"]) {
      const again = await project.run(...other);
      assert.deepEqual(outcomes(again), { a: "reused" }, `a run that ${run}: ${again.err}`);
    }
    assert.equal((await project.call("verify", ...other)).code, 0);
  }));

Deno.test("verify fetches what is in the cache, and rebuilds a sample that can be repeated", () =>
  withServer(async (project, server) => {
    workflow(project);
    assert.equal((await project.run("--cache", server.url)).code, 0);
    const other = ["--store", project.path("other"), "--cache", server.url];
    const sampled = await project.call(
      "verify",
      "probe.ts",
      "--rebuild",
      "--sample",
      "2",
      "--seed",
      "7",
      ...other,
    );
    assert.equal(sampled.code, 0, sampled.err + sampled.out);
    assert.match(sampled.err, /2 of 4 tasks, chosen by --seed 7/);
    assert.equal(sampled.out.match(/reproduced/g)?.length, 2, sampled.out);
    const frozen = await project.call("verify", "probe.ts", "--frozen", ...other);
    assert.equal(frozen.code, 0, frozen.err + frozen.out);
    assert.match(frozen.out, /4 of 4 tasks kept and verified/);
    // Now all of it is here.
    const alone = await project.call("verify", "probe.ts", "--frozen", "--store", project.path("other"));
    assert.equal(alone.code, 0, alone.out);

    for (const path of server.kept.keys()) if (path.startsWith("cas/")) server.kept.delete(path);
    const gone = await project.call(
      "verify",
      "probe.ts",
      "--frozen",
      "--store",
      project.path("third"),
      "--cache",
      server.url,
    );
    assert.equal(gone.code, 3, gone.out);
    assert.equal(gone.err.match(/warning: the cache/g)?.length, 1, gone.err);
  }));

Deno.test("a result whose files are gone is made again, and what took it before is looked up again", () =>
  withServer(async (project, server) => {
    // Each run gives other bits.
    const tasks = (last: string) => ({
      a: shell("od -An -tx8 -N8 /dev/urandom > out/out", {}, ["out"]),
      b: shell("cat in/from > out/out", { from: "a.out" }, ["out"]),
      c: shell(`cat in/from > out/out; echo ${last} >> out/out`, { from: "a.out" }, ["out"]),
    });
    project.workflow(tasks("one"));
    assert.equal((await project.run("--cache", server.url)).code, 0);
    for (const path of server.kept.keys()) if (path.startsWith("cas/")) server.kept.delete(path);
    project.workflow(tasks("two"));
    const other = ["--store", project.path("other")];
    const run = await project.run(...other, "--cache", server.url);
    assert.equal(run.code, 0, run.err);
    assert.deepEqual(outcomes(run), { a: "ran", b: "ran", c: "ran" });
    assert.equal(run.err.match(/warning: the cache/g)?.length, 1, run.err);
    const after = await project.run(...other);
    assert.deepEqual(Object.values(outcomes(after)).filter((outcome) => outcome !== "reused"), []);
  }));

Deno.test("caches of protoflow.json are used", () =>
  withServer(async (project, server) => {
    workflow(project);
    project.write("protoflow.json", JSON.stringify({ caches: [{ url: server.url }] }));
    assert.equal((await project.run()).code, 0);
    assert.equal(server.count("PUT", "ac"), 4);
  }));

Deno.test("`key` makes a key once, and prints its public half", () =>
  inProject(async (project) => {
    const made = await project.call("key", "mine.pem");
    assert.equal(made.code, 0, made.err);
    assert.match(made.out, /^ed25519:[A-Za-z0-9+/]{43}=\n$/);
    assert.equal(Deno.statSync(project.path("mine.pem")).mode! & 0o777, 0o600);
    assert.equal((await project.call("key", "mine.pem")).out, made.out);
  }));
