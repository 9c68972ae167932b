/** What other folders use says what it is: shapes, units, errors. */
import assert from "node:assert/strict";
import { dirname } from "node:path";
import { productFiles } from "./project_files.ts";
import { parseSource, type SourceFile } from "./source_file.ts";

Deno.test("every export that another folder uses has a doc comment", () => {
  assert.deepEqual(undocumented(productFiles()), []);
});

Deno.test("an export without a doc comment is found where another folder imports it", () => {
  const files = [
    parseSource(
      "lib/a/a.ts",
      `/** The file. */
import "./b.ts";

export const bare = 1;
export const near = 2;
/** Says what it is. */
// deno-lint-ignore no-explicit-any
export function documented(): any {}
/** Of the one before. */ const hidden = 3;
export class Bare {}
export { hidden };
`,
    ),
    parseSource("lib/a/b.ts", 'import { near } from "./a.ts";\n'),
    parseSource("lib/c/c.ts", 'import { bare, documented } from "../a/a.ts";\n'),
    parseSource("lib/d/d.ts", 'type B = import("../a/a.ts").Bare;\n'),
  ];
  assert.deepEqual(undocumented(files), ["lib/a/a.ts:4 bare", "lib/a/a.ts:10 Bare"]);
});

/** Exports without a doc comment that a file of another folder imports, as "file:line name". */
function undocumented(files: readonly SourceFile[]): string[] {
  const used = new Map<string, Set<string>>();
  for (const file of files) {
    for (const { path, names } of file.imports) {
      if (dirname(path) === dirname(file.path)) continue;
      used.set(path, new Set([...used.get(path) ?? [], ...names]));
    }
  }
  return files.flatMap((file) => {
    const names = used.get(file.path);
    return file.exports
      .filter((found) => !found.documented && (names?.has(found.name) || names?.has("*")))
      .map((found) => `${file.path}:${found.line} ${found.name}`);
  });
}
