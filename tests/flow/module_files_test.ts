/** The modules in a folder: nothing else, and nothing that an editor puts there for a while. */

import assert from "node:assert/strict";
import { moduleFiles } from "../../lib/flow/module_files.ts";

Deno.test("modules are found by their ending; hidden files, folders and links to nothing of editors are none", () => {
  const folder = Deno.makeTempDirSync();
  try {
    for (const name of ["b.ts", "a.ts", "b.ts~", "notes.md", ".a.ts.swp", ".hidden.ts"]) {
      Deno.writeTextFileSync(`${folder}/${name}`, "");
    }
    Deno.symlinkSync("user@host.1234:5678", `${folder}/.#a.ts`);
    Deno.mkdirSync(`${folder}/folder.ts`);
    assert.deepEqual(moduleFiles(folder), [`${folder}/a.ts`, `${folder}/b.ts`]);
    assert.throws(() => moduleFiles(`${folder}/absent`), Deno.errors.NotFound);
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
});
