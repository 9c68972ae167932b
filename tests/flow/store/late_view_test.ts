/**
 * A store on a network file system, of which each machine sees for a while what was there before: files that are new are
 * missing, and sizes, times and links are old ones. Two mounts by FUSE stand for two machines.
 */
import assert from "node:assert";
import { Store } from "../../../lib/flow/store/store.ts";
import { inTemporaryFolder, startRacer } from "./scratch.ts";

const KEYS = 40;
const MACHINES = ["one", "other"];
/** How long what was looked up is not looked up again, in seconds. */
const LATE = "attr_timeout=1,entry_timeout=1,negative_timeout=1";

async function succeeds(program: string, ...args: string[]): Promise<boolean> {
  try {
    return (await new Deno.Command(program, { args, stdout: "null", stderr: "null" }).output()).success;
  } catch {
    return false;
  }
}

const mount = (from: string, to: string) => succeeds("bindfs", "-o", LATE, from, to);
const unmount = (folder: string) => succeeds("fusermount3", "-uz", folder);

/** Calls `body` with a folder as each machine sees it; returns whether this system can do that. */
async function onMachines(folder: string, body: (seen: string[]) => Promise<void>): Promise<boolean> {
  const [disk, ...seen] = ["disk", ...MACHINES].map((name) => `${folder}/${name}`);
  for (const path of [disk, ...seen]) Deno.mkdirSync(path);
  const mounted: string[] = [];
  try {
    for (const path of seen) if (await mount(disk, path)) mounted.push(path);
    if (mounted.length === seen.length) await body(seen);
    return mounted.length === seen.length;
  } finally {
    for (const path of mounted) await unmount(path);
  }
}

let canMount = false;
await inTemporaryFolder(async (folder) => {
  canMount = await onMachines(folder, async () => {});
});
const about = canMount ? "" : " (left out: this system can't mount by bindfs)";

for (const what of ["tasks", "items"] as const) {
  Deno.test({
    name:
      `two machines that see each other's files late get the same results of ${what}, all of them right${about}`,
    ignore: !canMount,
    fn: () =>
      inTemporaryFolder(async (folder) => {
        const log = `${folder}/log`;
        Deno.writeTextFileSync(log, "");
        await onMachines(folder, async (machines) => {
          const racers = [...machines, ...machines].map((path) =>
            startRacer(`${path}/store`, log, 0, KEYS, what).output()
          );
          for (const { code, stdout, stderr } of await Promise.all(racers)) {
            assert.strictEqual(code, 0, new TextDecoder().decode(stderr));
            const { seen } = JSON.parse(new TextDecoder().decode(stdout));
            for (let n = 0; n < KEYS; n++) assert.strictEqual(seen[n], `result ${n}`);
          }
        });
        const ran = Deno.readTextFileSync(log).trim().split("\n").map(Number);
        assert.strictEqual(new Set(ran).size, KEYS);
        const store = Store.open(`${folder}/disk/store`);
        assert.deepStrictEqual(await store.verify(), []);
        assert.strictEqual([...store.keys()].length, KEYS);
        assert.deepStrictEqual([...Deno.readDirSync(`${store.folder}/leases/actions`)], []);
        store.close();
      }),
  });
}

Deno.test("a store whose version is seen before what is in that file is opened once it is, also by who made it", () =>
  inTemporaryFolder((folder) => {
    const read = Deno.readTextFileSync;
    for (const isNew of [true, false]) {
      let late = 3;
      Deno.readTextFileSync = (path) => `${path}`.endsWith("/version") && late-- > 0 ? "" : read(path);
      try {
        Store.open(`${folder}/store`).close();
      } finally {
        Deno.readTextFileSync = read;
      }
      assert.ok(late <= 0, isNew ? "of a new store" : "of one of another machine");
      assert.strictEqual(read(`${folder}/store/version`), "protoflow store 3\n");
    }
  }));
