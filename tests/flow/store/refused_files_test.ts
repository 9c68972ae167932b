/** Only what is not there counts as missing: files that the system does not let be looked at or read are errors. */
import assert from "node:assert";
import { makeFolder } from "../../../lib/flow/store/layout.ts";
import { readHint, readIfThere, readOrEmpty } from "../../../lib/flow/store/small_files.ts";
import { driftedPaths, sourceProblem } from "../../../lib/flow/store/sources.ts";
import { linkCount, StatKey } from "../../../lib/flow/store/stat_key.ts";
import { Store } from "../../../lib/flow/store/store.ts";
import { inTemporaryFolder } from "./scratch.ts";
import { isThere } from "../../../lib/system/is_there.ts";

Deno.test("a missing file has no stat key; one that can't be looked at is an error with its path", () =>
  inTemporaryFolder((folder) => {
    Deno.writeTextFileSync(`${folder}/file`, "");
    Deno.symlinkSync(`${folder}/loop`, `${folder}/loop`);
    for (const missing of ["none", "none/below", "file/below", "a\0b"]) {
      assert.strictEqual(StatKey.of(`${folder}/${missing}`), undefined);
      assert.strictEqual(StatKey.ofLink(`${folder}/${missing}`), undefined);
    }
    assert.strictEqual(linkCount(`${folder}/none`), 0);
    assert.ok(StatKey.ofLink(`${folder}/loop`)?.isLink);
    const long = `${folder}/${"n".repeat(300)}`;
    assert.throws(() => StatKey.of(`${folder}/loop`), { code: "ELOOP", message: new RegExp(folder) });
    assert.throws(() => StatKey.ofLink(`${folder}/loop/below`), { code: "ELOOP" });
    assert.throws(() => StatKey.of(long), { code: "ENAMETOOLONG" });
    assert.throws(() => linkCount(`${folder}/${"deep/".repeat(900)}`), { code: "ENAMETOOLONG" });
  }));

Deno.test("a small file that can't be read is an error, a missing one, or one that is no file, is empty", () =>
  inTemporaryFolder((folder) => {
    Deno.symlinkSync(`${folder}/loop`, `${folder}/loop`);
    assert.strictEqual(readOrEmpty(`${folder}/none`), "");
    assert.strictEqual(readIfThere(`${folder}/none`), undefined);
    assert.strictEqual(isThere(`${folder}/none`), false);
    assert.strictEqual(isThere(`${folder}/loop`), true);
    for (const path of [folder, `${folder}/loop`]) {
      assert.strictEqual(readOrEmpty(path), "");
      assert.strictEqual(readHint(path), undefined);
      assert.throws(() => readIfThere(path), { code: "EFTYPE", message: new RegExp(path) });
    }
    assert.throws(() => readOrEmpty(`${folder}/loop/below`), { code: "ELOOP" });
    assert.throws(() => isThere(`${folder}/loop/below`), { code: "ELOOP" });
  }));

Deno.test("a folder is made where there is none; what else is there, or can't be looked at, is an error", () =>
  inTemporaryFolder((folder) => {
    makeFolder(`${folder}/a/b`);
    makeFolder(`${folder}/a/b`);
    Deno.writeTextFileSync(`${folder}/file`, "");
    assert.throws(() => makeFolder(`${folder}/file`), { code: "EEXIST" });
    Deno.symlinkSync(`${folder}/loop`, `${folder}/loop`);
    assert.throws(() => makeFolder(`${folder}/loop`), { code: "ELOOP" });
  }));

Deno.test("a source that can't be looked at is refused in the system's words, and is no change", async () => {
  await inTemporaryFolder(async (folder) => {
    const source = `${folder}/source`;
    Deno.mkdirSync(source);
    Deno.writeTextFileSync(`${source}/a`, "text");
    const store = Store.open(`${folder}/store`);
    const state = await store.digestSource(source, "folder");
    Deno.symlinkSync("loop", `${source}/loop`);
    await assert.rejects(store.digestSource(source, "folder"), {
      code: "source-refused",
      message: /"loop": its symbolic links lead round in a circle/,
    });
    Deno.removeSync(source, { recursive: true });
    Deno.symlinkSync("source", source);
    for (const kind of ["file", "folder"] as const) {
      await assert.rejects(store.digestSource(source, kind), {
        code: "source-refused",
        message: /source cannot be used: its symbolic links lead round in a circle/,
      });
      assert.match(sourceProblem(source, kind)!, /lead round in a circle/);
    }
    assert.throws(() => driftedPaths(state), { code: "ELOOP" });
    store.close();
  });
});
