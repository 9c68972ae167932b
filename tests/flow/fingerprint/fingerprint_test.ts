/** Code fingerprints: what changes one, what does not, and when one is remembered. */
import assert from "node:assert/strict";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { BundleError, stopBundler } from "../../../lib/flow/bundle.ts";
import { fingerprintFile } from "../../../lib/flow/fingerprint/fingerprint.ts";
import { FingerprintError } from "../../../lib/flow/fingerprint/packages.ts";
import { fingerprintKind } from "../../../lib/flow/fingerprint/remembered.ts";

const files: Record<string, string> = {
  "tasks/kind.ts": `/** A kind. */
    import { z } from "zod";
    import { area } from "../lib/shapes.ts";
    export default { name: "kind", params: z.strictObject({ side: z.number() }), run: () => area(3) };`,
  "lib/shapes.ts": `import { circle } from "./circle.ts";
    export const area = (side: number) => side * side; // exact
    export const other = (radius: number) => circle(radius);`,
  "lib/circle.ts": "export const circle = (radius: number) => 3.14 * radius * radius;",
};

type Change = Record<string, (text: string) => string>;

/** Writes the files with a change in a folder of their own, whose place must not matter. */
async function inFolder<T>(change: Change, use: (folder: string) => Promise<T>): Promise<T> {
  const folder = await Deno.makeTempDir();
  try {
    for (const path of new Set([...Object.keys(files), ...Object.keys(change)])) {
      await Deno.mkdir(dirname(join(folder, path)), { recursive: true });
      await Deno.writeTextFile(join(folder, path), change[path]?.(files[path] ?? "") ?? files[path]);
    }
    return await use(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
    await stopBundler();
  }
}

const codeWith = (change: Change = {}) =>
  inFolder(change, async (folder) => (await fingerprintFile(join(folder, "tasks/kind.ts"))).code);

const same: Record<string, Change> = {
  "the place of the files": {},
  comments: { "lib/shapes.ts": (text) => text.replace("// exact", "// squared\n") + "/** The end. */" },
  formatting: { "tasks/kind.ts": (text) => text.replaceAll("\n    ", "\n\n").replace("{ z }", "{\n z,\n}") },
  types: {
    "lib/shapes.ts": (text) =>
      `interface Unused { a: 1 }\n${text.replace("side: number", "side: number & {}")}`,
  },
  "code that is not reached": {
    "lib/shapes.ts": (text) =>
      text.replace("circle(radius)", "2 * circle(radius)") +
      "export const third = () => 3;\nfunction z() { area(1); }",
    "lib/circle.ts": (text) => text.replace("3.14", "3.1416") + "\nexport const area = 1; const z = 2;",
  },
  "tests and other files": { "tests/shapes_test.ts": () => `import "../lib/shapes.ts";` },
};
for (const [what, change] of Object.entries(same)) {
  Deno.test(`${what} can't be seen in a fingerprint`, async () => {
    assert.deepEqual(await codeWith(change), await codeWith());
  });
}

const different: Record<string, Change> = {
  "the kind's own code": { "tasks/kind.ts": (text) => text.replace("area(3)", "area(4)") },
  "code that is reached": { "lib/shapes.ts": (text) => text.replace("side * side", "side ** 2.0001") },
  "code that becomes reached": { "tasks/kind.ts": (text) => text.replaceAll("area", "other") },
  "a module imported for its effect": {
    "lib/shapes.ts": (text) => `import "./effect.ts";${text}`,
    "lib/effect.ts": () => "globalThis.name = 'x';",
  },
  "a module imported later": {
    "tasks/kind.ts": (text) => text.replace("area(3)", `import("../lib/circle.ts")`),
  },
};
for (const [what, change] of Object.entries(different)) {
  Deno.test(`${what} can be seen in a fingerprint`, async () => {
    assert.notEqual((await codeWith(change)).digest, (await codeWith()).digest);
  });
}

Deno.test("the code of a module that is imported later is part of it", async () => {
  const late: Change = { "tasks/kind.ts": (text) => text.replace("area(3)", `import("../lib/circle.ts")`) };
  const circle: Change = { "lib/circle.ts": (text) => text.replace("3.14", "3.1416") };
  assert.notEqual((await codeWith({ ...late, ...circle })).digest, (await codeWith(late)).digest);
});

Deno.test("workers and data that the code names by URL are part of it", async () => {
  const naming = (path: string): Change => ({
    "tasks/kind.ts": (text) => text.replace("area(3)", `new URL("${path}", import.meta.url)`),
    "lib/table.bin": () => "1",
    "lib/worker.ts": () => `import { circle } from "./circle.ts"; self.onmessage = () => circle(1);`,
  });
  for (const [named, changed] of [["table.bin", "table.bin"], ["worker.ts", "circle.ts"]]) {
    const change = naming(`../lib/${named}`);
    const original = await codeWith(change);
    const path = `lib/${changed}`;
    const edited = await codeWith({
      ...change,
      [path]: (text) => (change[path]?.(text) ?? text).replaceAll("1", "2"),
    });
    assert.notEqual(edited.digest, original.digest);
  }
  await assert.rejects(codeWith(naming("../lib/none.bin")), FingerprintError);
});

Deno.test("packages that are reached are named with all below them", async () => {
  assert.deepEqual(Object.keys((await codeWith()).packages), ["zod"]);
  const change: Change = {
    "tasks/kind.ts": (text) => `import protobuf from "protobufjs";${text}export { protobuf };`,
  };
  const { packages } = await codeWith(change);
  assert.deepEqual(Object.keys(packages), ["long", "protobufjs", "zod"]);
  assert.match(packages.long, /^\d+\.\d+\.\d+$/);
});

Deno.test("what can't be followed is an error", async () => {
  const importing = (code: string): Change => ({ "tasks/kind.ts": (text) => text.replace("area(3)", code) });
  await assert.rejects(codeWith(importing("import(globalThis.name)")), FingerprintError);
  await assert.rejects(codeWith(importing(`import("left-pad")`)), BundleError);
  await assert.rejects(codeWith(importing(`import("../lib/none.ts")`)), BundleError);
  await assert.rejects(codeWith({ "lib/shapes.ts": () => "export const area = (" }), BundleError);
});

Deno.test("a fingerprint is remembered until one of its files changes", async () => {
  await inFolder({}, async (folder) => {
    const registry = { folder: pathToFileURL(`${folder}/tasks/`), kinds: {} };
    const memory = join(folder, "store");
    // A file that was written a moment ago is not trusted by its stat key.
    await new Promise((resolve) => setTimeout(resolve, 120));
    const first = await fingerprintKind("kind", registry, memory);
    const [remembered] = [...Deno.readDirSync(join(memory, "fingerprints"))];
    const path = join(memory, "fingerprints", remembered.name);

    const planted = JSON.parse(await Deno.readTextFile(path));
    await Deno.writeTextFile(path, JSON.stringify({ ...planted, code: { digest: "planted", packages: {} } }));
    assert.equal((await fingerprintKind("kind", registry, memory)).code.digest, "planted");

    await Deno.writeTextFile(join(folder, "lib/circle.ts"), files["lib/circle.ts"]);
    assert.deepEqual((await fingerprintKind("kind", registry, memory)).code, first.code);

    await Deno.writeTextFile(path, `{"schema": 1, "fi`);
    assert.deepEqual((await fingerprintKind("kind", registry, memory)).code, first.code);
  });
});

Deno.test("a memory that can't be written to only forgets", async () => {
  await inFolder({ store: () => "a file where the folder should be" }, async (folder) => {
    const registry = { folder: pathToFileURL(`${folder}/tasks/`), kinds: {} };
    const { code } = await fingerprintKind("kind", registry, join(folder, "store"));
    assert.match(code.digest, /^[0-9a-f]{64}$/);
  });
});
