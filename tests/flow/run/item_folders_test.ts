/** Items' results that are part of an output: stored once, noticed when damaged, kept by gc, and given to the user. */

import assert from "node:assert/strict";
import { inProject, outcomes, type Project } from "../cli.ts";
import { flip, packedEntries } from "../store/packed.ts";

/** Texts without capitals, whose pages are unlike any file that a run makes beside them. */
function write(project: Project, texts: Record<string, string>, params: object = {}): void {
  for (const [name, text] of Object.entries(texts)) project.write(`texts/${name}`, text);
  project.workflow({ pages: { kind: "pages", params, inputs: { texts: "folder:texts" } } });
}

/** The blobs of a store by their text. */
function blobs(project: Project): Map<string, string[]> {
  const found = new Map<string, string[]>();
  for (const shard of Deno.readDirSync(project.path("store/blobs"))) {
    for (const { name } of Deno.readDirSync(project.path(`store/blobs/${shard.name}`))) {
      const path = `store/blobs/${shard.name}/${name}`;
      const text = project.read(path);
      found.set(text, [...found.get(text) ?? [], path]);
    }
  }
  for (const { kind, bytes, path, at } of packedEntries(project.path("store"))) {
    if (kind !== "blob") continue;
    const text = new TextDecoder().decode(bytes);
    found.set(text, [...found.get(text) ?? [], `${path}:${at}`]);
  }
  return found;
}

async function got(project: Project): Promise<Record<string, string>> {
  const folder = `got-${crypto.randomUUID()}`;
  const { code, err } = await project.call("get", "probe.ts", "pages", folder);
  assert.equal(code, 0, err);
  const files = [...Deno.readDirSync(project.path(`${folder}/pages/each`))].map(({ name }) => name).sort();
  return {
    list: project.read(`${folder}/pages/list`),
    ...Object.fromEntries(files.map((name) => [name, project.read(`${folder}/pages/each/${name}`)])),
  };
}

Deno.test("items' results are in the output as they are, and stored once", async () => {
  await inProject(async (project) => {
    write(project, { a: "one", b: "two" });
    const run = await project.run();
    assert.equal(run.code, 0, run.err + run.out);
    const expected = { list: "a: ONE\nb: TWO\n", a: "ONE", b: "TWO" };
    assert.deepEqual(await got(project), expected);
    assert.equal(blobs(project).get("ONE")?.length, 1);
    assert.ok([...blobs(project).keys()].every((text) => text === "ONE" || !text.includes("ONEONE")));

    const gc = await project.call("gc");
    assert.equal(gc.code, 0, gc.err);
    assert.deepEqual(outcomes(await project.run()), { pages: "reused" });
    assert.deepEqual(await got(project), expected);

    // A new item costs one item, though the whole of the output is another.
    write(project, { c: "three" });
    await project.run();
    const { out } = await project.call("log", "probe.ts", "pages");
    assert.deepEqual(out.match(/^set .*/gm), ["set c"]);
    assert.deepEqual(await got(project), { ...expected, list: "a: ONE\nb: TWO\nc: THREE\n", c: "THREE" });
  });
});

Deno.test("a damaged item is noticed, and made again", async () => {
  await inProject(async (project) => {
    write(project, { a: "one", b: "two" });
    await project.run();
    const [path, at] = blobs(project).get("TWO")![0].split(":");
    flip(path, Number(at));
    const { out } = await project.call("plan", "probe.ts");
    assert.match(out, /^run +pages .*a pack of results of items is gone or damaged/m);
    assert.deepEqual(outcomes(await project.run()), { pages: "ran" });
    assert.deepEqual(await got(project), { list: "a: ONE\nb: TWO\n", a: "ONE", b: "TWO" });
  });
});

Deno.test("a file in the place of an item is refused", async () => {
  await inProject(async (project) => {
    for (const intruder of ["a", "A"]) {
      write(project, { a: "one" }, { intruder });
      const { code, out } = await project.run();
      assert.equal(code, 1);
      assert.match(out, /\\"each\/[aA]\\" can't be distinguished from \\"each\/[aA]\\"/);
    }
  });
});
