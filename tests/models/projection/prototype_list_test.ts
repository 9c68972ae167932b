/** The list of prototypes in a file. */

import assert from "node:assert/strict";
import { readPrototypes, writePrototypes } from "../../../lib/models/projection/prototype_list.ts";

function inFile<T>(body: (path: string) => T): T {
  const path = Deno.makeTempFileSync();
  try {
    return body(path);
  } finally {
    Deno.removeSync(path);
  }
}

Deno.test("a list is read as it was written", () => {
  const list = [{ prototype: 3, sample: 7, name: "birds/7.png", view: 1, distance: 0.25 }];
  inFile((path) => {
    writePrototypes(path, list);
    assert.deepEqual(readPrototypes(path), list);
    assert.deepEqual(Object.keys(JSON.parse(Deno.readTextFileSync(path))[0]), Object.keys(list[0]));
  });
});

Deno.test("a list made by hand needs prototypes and their views alone; what is wrong in it is named", () => {
  inFile((path) => {
    Deno.writeTextFileSync(path, '[{"prototype": 3, "sample": 7, "view": 1}]');
    assert.deepEqual(readPrototypes(path), [{ prototype: 3, sample: 7, view: 1 }]);
    Deno.writeTextFileSync(path, '[{"prototype": 3, "sample": 7, "view": -1}]');
    assert.throws(() => readPrototypes(path), /: 0\.view: .*, but -1 was given/);
  });
});
