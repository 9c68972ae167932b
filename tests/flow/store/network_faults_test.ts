/** A store on a network file system that has lost what was replaced, keeps open files under other names, and is full late. */
import assert from "node:assert";
import { codeOf } from "../../../lib/system/error_code.ts";
import { sha256Hex } from "../../../lib/flow/store/digest.ts";
import { removeAll } from "../../../lib/flow/store/layout.ts";
import { replaceFile } from "../../../lib/flow/store/replace_file.ts";
import { Store } from "../../../lib/flow/store/store.ts";
import { testOnNetworkDisk } from "./network_disk.ts";
import { publishFiles, publishItem, readFiles, startRacer } from "./scratch.ts";

const KEYS = 20;

for (const what of ["tasks", "items"] as const) {
  testOnNetworkDisk(`machines that lose each other's files get the same results of ${what}`, [
    { stale: 0.3 },
    {
      stale: 0.3,
    },
  ], async (machines, folder) => {
    const log = `${folder}/log`;
    Deno.writeTextFileSync(log, "");
    const racers = [...machines, ...machines].map(({ path }) =>
      startRacer(`${path}/store`, log, 0, KEYS, what).output()
    );
    for (const { code, stdout, stderr } of await Promise.all(racers)) {
      assert.strictEqual(code, 0, new TextDecoder().decode(stderr));
      const { seen } = JSON.parse(new TextDecoder().decode(stdout));
      for (let n = 0; n < KEYS; n++) assert.strictEqual(seen[n], `result ${n}`);
    }
    const store = Store.open(`${folder}/server/store`);
    assert.deepStrictEqual(await store.verify(), []);
    store.close();
  });
}

testOnNetworkDisk("a pack that another machine has put into others is read from these", [
  { stale: 1 },
  {},
], async ([one, other]) => {
  const store = Store.open(`${one.path}/store`);
  const made: Awaited<ReturnType<typeof publishItem>>[] = [];
  for (const n of [1, 2, 3]) made.push(await publishItem(store, `item ${n}`, { "": `result ${n}` }));
  store.packing.seal();
  const readAll = () =>
    made.map(({ key }) => store.bytes.text(store.getRecord(key)!.outputs.out.file!.digest));
  assert.deepStrictEqual(readAll(), ["result 1", "result 2", "result 3"]);
  const others = Store.open(`${other.path}/store`);
  await publishItem(others, "item 4", { "": "result 4" });
  others.packing.seal();
  const packs = [...Deno.readDirSync(`${one.folder}/store/packs`)].map(({ name }) => name);
  assert.strictEqual(packs.length, 2);
  // What the server has removed is open here.
  for (const name of packs) {
    const path = `${one.folder}/store/packs/${name}`;
    const bytes = Deno.readFileSync(path);
    Deno.removeSync(path);
    Deno.writeFileSync(path, bytes);
  }
  assert.deepStrictEqual(readAll(), ["result 1", "result 2", "result 3"]);
  others.close();
  store.close();
});

testOnNetworkDisk(
  "a folder in which a file is open is emptied, and goes once that is closed",
  [{}],
  ([{ path }]) => {
    const folder = `${path}/folder`;
    Deno.mkdirSync(`${folder}/below/deep`, { recursive: true });
    for (const name of ["a", "below/b", "below/deep/c", "z"]) {
      Deno.writeTextFileSync(
        `${folder}/${name}`,
        name,
      );
    }
    {
      using _open = Deno.openSync(`${folder}/below/b`);
      removeAll(folder);
      const [name, ...others] = Object.keys(readFiles(folder));
      assert.match(name, /^below\/\.nfs[0-9a-f]+$/);
      assert.deepStrictEqual(others, []);
      removeAll(folder);
    }
    removeAll(folder);
    assert.deepStrictEqual([...Deno.readDirSync(path)], []);
    return Promise.resolve();
  },
);

/** Of what is written, so many bytes: nothing, a part of an output, and some more. */
const QUOTAS = [0, 20, 400, 1500, 4000, 20_000];

testOnNetworkDisk("a disk that says late that it is full gives an error, and no result that is cut short", [
  {},
], async (
  [{ path, folder, set }],
) => {
  Store.open(`${path}/store`).close();
  const long = "a line\n".repeat(1500);
  for (const quota of QUOTAS) {
    const store = Store.open(`${path}/store`);
    const work = [
      () =>
        publishFiles(store, { quota }, { out: { "": `${quota}` }, more: { a: long, b: `${long}${quota}` } }),
      () => publishItem(store, `${quota}`, { "": `of ${quota}` }),
      async () => await Promise.resolve(replaceFile(`${path}/store/version`, "protoflow store 3\n")),
      async () => await Promise.resolve(store.putText(`${long} ${quota}`)),
    ];
    for (const one of work) {
      set({ quota });
      try {
        await one();
      } catch (error) {
        const code = codeOf(error);
        assert.ok(code === "store-disk-full" || code === "EDQUOT", `${error}`);
      }
      set({});
    }
    store.close();
    const server = Store.open(`${folder}/store`);
    assert.deepStrictEqual(await server.verify(), [], `${quota}`);
    for (const key of server.keys()) {
      const { outputs } = server.getRecord(key)!;
      for (const output of Object.values(outputs)) {
        for (const { digest, size } of server.artifact(output)!.entries) {
          const bytes = server.bytes.of(digest);
          assert.deepStrictEqual([sha256Hex(bytes), bytes.length], [digest, size]);
          assert.ok(size > 0);
        }
      }
    }
    server.close();
  }
});
