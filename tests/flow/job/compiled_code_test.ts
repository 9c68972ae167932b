/** Code of kinds is compiled outside of the processes that can't write to Deno's cache, and only if that is needed. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { compileCode, uncompiled } from "../../../lib/flow/job/compiled_code.ts";

Deno.test("modules are compiled if they are new or edited, and not again if they are as they were", async () => {
  const folder = Deno.realPathSync(Deno.makeTempDirSync());
  try {
    Deno.writeTextFileSync(
      join(folder, "deno.json"),
      JSON.stringify({ imports: { absent: "npm:this-package-is-not-needed@1.0.0", late: "./late.mts" } }),
    );
    const files = ["plain.ts", "late.mts", "data.json", "script.js"].map((name) => join(folder, name));
    const [plain, late] = files;
    const all = [...files, join(folder, "missing.ts")];
    const write = (number: number) => {
      Deno.writeTextFileSync(
        plain,
        `import "absent";\nexport const late = (): Promise<unknown> => import("late");\n`,
      );
      Deno.writeTextFileSync(late, `export const number: number = ${number};\n`);
    };
    write(1);
    for (const path of files.slice(2)) Deno.writeTextFileSync(path, "1");
    assert.deepEqual(uncompiled(all), [plain, late]);
    await compileCode(folder, all);
    assert.deepEqual(uncompiled(all), []);
    // Only its change time is another one.
    Deno.chmodSync(late, 0o640);
    assert.deepEqual(uncompiled(all), [late]);
    await compileCode(folder, all);
    assert.deepEqual(uncompiled(all), []);
    write(2);
    assert.deepEqual(uncompiled(all), [plain, late]);
    await compileCode(folder, all);
    assert.deepEqual(uncompiled(all), []);
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
});
