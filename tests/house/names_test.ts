/** A name means one thing: no two files export a type of the same name. */
import assert from "node:assert/strict";
import { productFiles } from "./project_files.ts";
import { parseSource, type SourceFile } from "./source_file.ts";

Deno.test("every exported type has a name of its own", () => {
  assert.deepEqual(sharedNames(productFiles()), []);
});

Deno.test("interfaces, aliases and classes of one name in two files are found, values are not", () => {
  const files = [
    parseSource("a.ts", "export interface Box {}\nexport class Reader {}\nexport const size = 1;\n"),
    parseSource("b.ts", "export type Box = number;\nexport class Writer {}\nexport function size() {}\n"),
    parseSource("c.ts", "export abstract class Reader {}\ninterface Writer {}\n"),
  ];
  assert.deepEqual(sharedNames(files), ["Box: a.ts:1, b.ts:1", "Reader: a.ts:2, c.ts:1"]);
});

/** Names of types that several files export, as "name: file:line, file:line". */
function sharedNames(files: readonly SourceFile[]): string[] {
  const places = new Map<string, string[]>();
  for (const { path, exports } of files) {
    for (const { name, isType, line } of exports) {
      if (isType) places.set(name, [...places.get(name) ?? [], `${path}:${line}`]);
    }
  }
  return [...places].filter(([, found]) => found.length > 1)
    .map(([name, found]) => `${name}: ${found.join(", ")}`).sort();
}
