/** Facts of items: a changed part of a shared file costs its own item, and facts that are not JSON are refused. */

import assert from "node:assert/strict";
import { inProject, type Project } from "../cli.ts";

async function caption(project: Project, captions: object, params: object = {}) {
  project.write("captions.json", JSON.stringify(captions));
  project.workflow({ texts: { kind: "captions", params, inputs: { captions: "file:captions.json" } } });
  const result = await project.run();
  const { out } = await project.call("log", "probe.ts", "texts");
  const written = out.split("\n").flatMap((line) => /^wrote (.*)/.exec(line)?.[1] ?? []).sort();
  return { ...result, written, log: out };
}

Deno.test("a changed part of a shared file costs the item that has it among its facts", async () => {
  await inProject(async (project) => {
    const captions = { a: { text: "one", at: [1, 2] }, b: { text: "two", at: [] }, c: { text: "three" } };
    const first = await caption(project, captions);
    assert.equal(first.code, 0, first.err + first.out);
    assert.deepEqual(first.written, ["a", "b", "c"]);
    assert.deepEqual((await caption(project, { ...captions, b: { text: "two", at: [3] } })).written, ["b"]);
    const other = { c: captions.c, a: { at: [1, 2], text: "one" }, b: captions.b };
    assert.deepEqual((await caption(project, other)).written, [], "an order of names is no fact");
    assert.deepEqual((await caption(project, { ...captions, d: null })).written, ["d"]);
    await project.call("get", "probe.ts", "texts", "got");
    assert.deepEqual(JSON.parse(project.read("got/texts/a")), { caption: captions.a });
    assert.deepEqual(JSON.parse(project.read("got/texts/d")), { caption: null });
  });
});

Deno.test("facts that JSON would lose or change are refused, with the item and the place", async () => {
  await inProject(async (project) => {
    const given = {
      "NaN": "NaN; expected a finite number",
      "undefined": "undefined",
      "function": "a function",
      "Map": "a Map",
    };
    for (const [wrong, text] of Object.entries(given)) {
      const { code, log } = await caption(project, { a: "one" }, { wrong });
      assert.equal(code, 1, log);
      assert.ok(log.includes(`item "a": facts.more[0] is ${text}`), log);
    }
  });
});
