/** Work that comes in parts, and a fetch that is interrupted, with a shared cache on the command line. */

import assert from "node:assert/strict";
import { outcomes, resultOf, until } from "../cli.ts";
import { withServer } from "../remote/cache_server.ts";

Deno.test("of work on items a second store runs only the new one, and takes the others from the cache", () =>
  withServer(async (project, server) => {
    const texts = { a: "1", b: "22", c: "333" };
    for (const [name, text] of Object.entries(texts)) project.write(`texts/${name}`, text);
    project.workflow({ measure: { kind: "lengths", params: {}, inputs: { texts: "folder:texts" } } });
    const first = await project.run("--cache", server.url);
    assert.equal(first.code, 0, first.err + first.out);

    const second = ["--store", project.path("second"), "--cache", server.url];
    assert.deepEqual(outcomes(await project.run(...second)), { measure: "reused" });

    project.write("texts/d", "4444");
    const third = ["--store", project.path("third"), "--cache", server.url];
    const run = await project.run(...third);
    assert.deepEqual(outcomes(run), { measure: "ran" }, run.err);
    const { out } = await project.call("log", "probe.ts", "measure", "--store", project.path("third"));
    assert.deepEqual(out.split("\n").filter((line) => line.startsWith("measured")), ["measured d"]);
    const got = await project.call("get", "probe.ts", "measure", "out", ...third);
    assert.equal(got.code, 0, got.err);
    const expected = [...Object.entries(texts), ["d", "4444"]].map(([id, text]) =>
      `${id}: ${text.length} characters\n`
    );
    assert.equal(project.read("out/lengths"), expected.join(""));
    const verified = await project.call("verify", "--store", project.path("third"));
    assert.equal(verified.code, 0, verified.out);
  }));

Deno.test("a longer chain goes on from the end that another store has sent", () =>
  withServer(async (project, server) => {
    const chain = (steps: number) =>
      project.workflow({ train: { kind: "hash_chain", params: { seed: "s", steps, segment: 4 } } });
    chain(8);
    assert.equal((await project.run("--cache", server.url)).code, 0);
    const second = ["--store", project.path("second"), "--cache", server.url];
    assert.deepEqual(outcomes(await project.run(...second)), { train: "reused" });

    chain(10);
    const third = ["--store", project.path("third"), "--cache", server.url];
    const run = await project.run(...third);
    assert.deepEqual(outcomes(run), { train: "ran" }, run.err);
    const { out } = await project.call("log", "probe.ts", "train", "--store", project.path("third"));
    assert.ok(out.endsWith("steps 9 to 10\n") && !out.includes("steps 1 "), out);
    const alone = await project.run("--store", project.path("alone"));
    assert.deepEqual(outcomes(alone), { train: "ran" });
    const stateIn = async (store: string) => {
      assert.equal(
        (await project.call("get", "probe.ts", "train.state", store, "--store", project.path(store))).code,
        0,
      );
      return project.read(`${store}/state`);
    };
    assert.equal(await stateIn("third"), await stateIn("alone"));
  }));

Deno.test("Ctrl-C while a file is fetched ends the command at once, and the next one goes on", () =>
  withServer(async (project, server) => {
    const argv = ["sh", "-c", "printf 'a text to be fetched' > out/out"];
    project.workflow({ a: { kind: "command", params: { argv }, outputs: ["out"] } });
    assert.equal((await project.run("--cache", server.url)).code, 0);
    let asked = false;
    let answer: (response: Response | undefined) => void = () => {};
    server.fault = (request, path) => {
      if (request.method !== "GET" || !path.startsWith("cas/")) return undefined;
      asked = true;
      return new Promise((resolve) => (answer = resolve));
    };
    const other = ["--store", project.path("other"), "--cache", server.url];
    const child = project.spawn("get", "probe.ts", "a.out", "out", ...other);
    const result = resultOf(child);
    await until(() => asked, "the file is asked for");
    child.kill("SIGINT");
    const { code, err } = await result;
    answer(undefined);
    assert.equal(code, 130, err);
    server.fault = () => undefined;
    const verified = await project.call("verify", "--store", project.path("other"));
    assert.equal(verified.code, 0, verified.out);
    const got = await project.call("get", "probe.ts", "a.out", "out", ...other);
    assert.equal(got.code, 0, got.err);
    assert.equal(project.read("out/out"), "a text to be fetched");
  }));
