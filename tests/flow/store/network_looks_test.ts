/**
 * What another machine has done a moment ago is known to whoever deletes, on a network file system that shows what was there
 * before until something is opened.
 */
import assert from "node:assert";
import { dirname } from "node:path";
import { rootFolders } from "../../../lib/flow/history/run_roots.ts";
import { artifactOf, digestBytes } from "../../../lib/flow/store/digest.ts";
import { makeFolder, runPaths } from "../../../lib/flow/store/layout.ts";
import { Store } from "../../../lib/flow/store/store.ts";
import type { ActionKey } from "../../../lib/flow/store/types.ts";
import { testOnNetworkDisk } from "./network_disk.ts";
import { publishFiles, publishItem } from "./scratch.ts";

/** Longer than a test takes. */
const LATE = 600;

function test(name: string, body: (near: Store, far: Store) => Promise<void> | void): void {
  testOnNetworkDisk(name, [{ late: LATE }, {}], async ([here, there]) => {
    const [near, far] = [here, there].map(({ path }) => Store.open(`${path}/store`));
    await body(near, far);
    for (const store of [near, far]) store.close();
    const server = Store.open(`${here.folder}/store`);
    assert.deepStrictEqual(await server.verify(), []);
    server.close();
  });
}

const DISTURBANCES: Record<string, (far: Store) => void> = {
  "pins a run": ({ folder }) => Deno.writeTextFileSync(runPaths(folder).pin("one"), ""),
  "begins a run": ({ folder }) => Deno.writeTextFileSync(runPaths(folder).record("one"), ""),
  "begins to use the store": (far) => void far.leases.me,
};

for (const [what, disturb] of Object.entries(DISTURBANCES)) {
  test(`gc ends where another machine ${what} between two removals`, async (near, far) => {
    for (const n of [1, 2, 3]) await publishFiles(near, { n }, { out: { "": `${n}` } });
    makeFolder(runPaths(near.folder).pins);
    const remove = near.removals.remove.bind(near.removals);
    let removals = 0;
    near.removals.remove = (path) => {
      remove(path);
      if (++removals === 1) disturb(far);
    };
    const { disturbed, removed } = near.gc({
      roots: () => ({ keys: new Set() }),
      watched: rootFolders(near.folder),
    });
    assert.deepStrictEqual([disturbed, removed.length], [true, 1]);
  });
}

test(
  "gc keeps the files of a result that was looked for before another machine had made it",
  async (near, far) => {
    const files = { a: "one", b: "two" };
    const { digest } = artifactOf(
      Object.entries(files).map(([path, text]) => {
        const bytes = new TextEncoder().encode(text);
        return { path, digest: digestBytes(bytes), size: bytes.length };
      }),
    );
    makeFolder(dirname(near.trees.path(digest)));
    assert.strictEqual(near.trees.read(digest), undefined);
    const { key } = await publishFiles(far, {}, { out: files });
    far.close();
    near.gc({ roots: () => ({ keys: new Set([key]) }) });
    assert.deepStrictEqual(await near.checkOutputs(near.getRecord(key)!), []);
  },
);

const SWEEPS: Record<string, (near: Store, keys: ActionKey[]) => unknown> = {
  "packs another one": (near) => publishItem(near, "item 4", { "": "result 4" }),
  "collects garbage": (near, keys) => near.gc({ roots: () => ({ keys: new Set(keys) }) }),
  "verifies the store": async (near) => assert.deepStrictEqual(await near.verify(), []),
};

for (const [what, sweep] of Object.entries(SWEEPS)) {
  test(`what a killed process had packed last stays where another machine ${what}`, async (near, far) => {
    const keys: ActionKey[] = [];
    for (const n of [1, 2, 3]) {
      // What is of the same parameters is of one family, and would be kept with a root.
      const { key } = await publishItem(far, `item ${n}`, { "": `result ${n}` }, { n });
      if (n > 1) keys.push(key);
      if (n === 2) assert.ok(near.getRecord(key));
    }
    Deno.removeSync(far.leases.ownerFile(far.leases.me.token));
    await sweep(near, keys);
    const server = Store.open(near.folder.replace("machine-0", "server"));
    for (const key of keys) assert.deepStrictEqual(await server.checkOutputs(server.getRecord(key)!), []);
    server.close();
  });
}

test("a process knows at once that another machine took it for dead", (near, far) => {
  const { token } = near.leases.me;
  assert.ok(!near.leases.isBuried(token));
  Deno.removeSync(far.leases.ownerFile(token));
  assert.ok(near.leases.isBuried(token));
});

test("a lease that another machine has taken is held, also where it was free a moment ago", (near, far) => {
  assert.ok(!near.leases.isHeld("one"));
  far.leases.try("one");
  assert.ok(near.leases.isHeld("one"));
});

test("a lease that another machine has taken over is not released", (near, far) => {
  const claim = near.leases.try("one");
  assert.ok("lease" in claim);
  Deno.removeSync(`${far.folder}/leases/actions/one`);
  far.leases.try("one");
  claim.lease.release();
  assert.ok(far.leases.isHeld("one"));
});
