/** Sources: digested by stat key, refused where they can't be kept, and their drift noticed. */
import assert from "node:assert";
import { Digester } from "../../../lib/flow/store/digester.ts";
import { Settling } from "../../../lib/flow/store/settle.ts";
import { digestSource } from "../../../lib/flow/store/sources.ts";
import { StatKey } from "../../../lib/flow/store/stat_key.ts";
import { Store } from "../../../lib/flow/store/store.ts";
import { inTemporaryFolder, writeFiles } from "./scratch.ts";

async function inStore(body: (store: Store, folder: string) => Promise<void>): Promise<void> {
  await inTemporaryFolder(async (folder) => {
    const store = Store.open(`${folder}/store`);
    await body(store, folder);
    store.close();
  });
}

Deno.test("a folder's digest is that of what is in it, wherever it is", () =>
  inStore(async (store, folder) => {
    writeFiles(`${folder}/a`, { "x/1": "one", "2": "two" });
    writeFiles(`${folder}/b`, { "2": "two", "x/1": "one", "x/y/3": "" });
    const a = await store.digestSource(`${folder}/a`, "folder");
    assert.deepStrictEqual(a.artifact.entries.map(({ path, size }) => [path, size]), [["2", 3], ["x/1", 3]]);
    const b = await store.digestSource(`${folder}/b`, "folder");
    assert.notStrictEqual(a.artifact.digest, b.artifact.digest);
    Deno.removeSync(`${folder}/b/x/y/3`);
    // An empty folder is seen by a task, so it is part of the digest.
    const empty = (await store.digestSource(`${folder}/b`, "folder")).artifact;
    assert.notStrictEqual(empty.digest, a.artifact.digest);
    assert.deepStrictEqual(empty.emptyFolders, ["x/y"]);
    Deno.removeSync(`${folder}/b/x/y`);
    const without = (await store.digestSource(`${folder}/b`, "folder")).artifact;
    assert.strictEqual(without.digest, a.artifact.digest);
  }));

Deno.test("a file that may be executed is another one", () =>
  inStore(async (store, folder) => {
    Deno.writeTextFileSync(`${folder}/f`, "#!/bin/sh\n");
    const { artifact } = await store.digestSource(`${folder}/f`, "file");
    Deno.chmodSync(`${folder}/f`, 0o755);
    assert.notStrictEqual((await store.digestSource(`${folder}/f`, "file")).artifact.digest, artifact.digest);
  }));

Deno.test("other bytes are noticed though size and modification time are put back", () =>
  inStore(async (store, folder) => {
    const path = `${folder}/f`;
    const time = new Date("2020-01-01T00:00:00Z");
    const digests = new Set<string>();
    for (let i = 0; i < 20; i++) {
      Deno.writeTextFileSync(path, `version ${String(i).padStart(2, "0")}`);
      Deno.utimeSync(path, time, time);
      digests.add((await store.digestSource(path, "file")).artifact.digest);
    }
    assert.strictEqual(digests.size, 20);
  }));

Deno.test("a drift is noticed: other bytes, touched, gone, new, also where it was put back", () =>
  inStore(async (store, folder) => {
    writeFiles(`${folder}/s`, { a: "1", "b/c": "2" });
    const path = `${folder}/s`;
    const state = await store.digestSource(path, "folder");
    assert.deepStrictEqual(store.drifted(state), []);
    Deno.writeTextFileSync(`${path}/a`, "x");
    Deno.writeTextFileSync(`${path}/a`, "1");
    assert.deepStrictEqual(store.drifted(state), [`${path}/a`]);
    Deno.writeTextFileSync(`${path}/b/new`, "");
    assert.deepStrictEqual(store.drifted(state), [`${path}/a`, `${path}/b/new`]);
    Deno.removeSync(`${path}/b`, { recursive: true });
    assert.deepStrictEqual(store.drifted(state), [`${path}/a`, `${path}/b/c`]);

    const file = await store.digestSource(`${path}/a`, "file");
    assert.deepStrictEqual(store.drifted(file), []);
    Deno.removeSync(`${path}/a`);
    assert.deepStrictEqual(store.drifted(file), [`${path}/a`]);
  }));

Deno.test("a link to a file inside of the folder is that file; the folder itself may be a link", () =>
  inStore(async (store, folder) => {
    writeFiles(`${folder}/s`, { a: "1" });
    Deno.symlinkSync("a", `${folder}/s/latest`);
    Deno.symlinkSync(`${folder}/s`, `${folder}/link`);
    const { artifact } = await store.digestSource(`${folder}/link`, "folder");
    assert.deepStrictEqual(artifact.entries.map(({ path }) => path), ["a", "latest"]);
    assert.strictEqual(artifact.entries[0].digest, artifact.entries[1].digest);
  }));

Deno.test("what can't be kept as a tree is refused, all of it at once", () =>
  inStore(async (store, folder) => {
    const path = `${folder}/s`;
    writeFiles(path, { "a\\b": "", "c\nd": "" });
    Deno.symlinkSync("/etc/passwd", `${path}/out`);
    Deno.symlinkSync("nothing", `${path}/dangling`);
    new Deno.Command("mkfifo", { args: [`${path}/pipe`] }).outputSync();
    await assert.rejects(store.digestSource(path, "folder"), (error: Error) => {
      for (
        const part of [
          "backslash",
          "control",
          "outside of the folder",
          "link to nothing",
          "device, pipe or socket",
        ]
      ) {
        assert.match(error.message, new RegExp(part));
      }
      return true;
    });
  }));

Deno.test("a link to a folder is refused, so that no listing goes round in circles", () =>
  inStore(async (store, folder) => {
    writeFiles(`${folder}/s`, { a: "" });
    Deno.symlinkSync(".", `${folder}/s/round`);
    await assert.rejects(store.digestSource(`${folder}/s`, "folder"), { code: "source-refused" });
  }));

Deno.test("a missing source and one of the other kind say what to do", () =>
  inStore(async (store, folder) => {
    await assert.rejects(store.digestSource(`${folder}/none`, "file"), { code: "source-missing" });
    Deno.mkdirSync(`${folder}/d`);
    await assert.rejects(store.digestSource(`${folder}/d`, "file"), /is a folder and not a file: say folder/);
  }));

Deno.test("where the file system's clock is coarse, a source is read once a change would show in its stat key", () =>
  inStore(async ({ digester: { index } }, folder) => {
    // Without a folder to try it out, no file system is known to have a fine clock.
    const digester = new Digester(index, new Settling(`${folder}/none`));
    const path = `${folder}/f`;
    for (let i = 0; i < 5; i++) {
      Deno.writeTextFileSync(path, `version ${i}`);
      const { keys, artifact } = await digestSource(digester, path, "file");
      // Only what can be trusted is remembered.
      assert.strictEqual(index.lookup(path, StatKey.parse(keys[0])!), artifact.entries[0].digest);
    }
  }));

Deno.test("a folder in which the store lies is refused by that name", () =>
  inStore(async (store, folder) => {
    for (const path of [folder, store.folder, `${folder}/.`]) {
      await assert.rejects(store.digestSource(path, "folder"), {
        code: "source-refused",
        message: /the store .* lies in it/,
      });
    }
    Deno.mkdirSync(`${folder}/store beside`);
    await store.digestSource(`${folder}/store beside`, "folder");
  }));
