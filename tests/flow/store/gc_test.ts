/** Garbage collection: roots and what others use stay, the oldest goes first, and a dry run changes nothing. */
import assert from "node:assert";
import { Store } from "../../../lib/flow/store/store.ts";
import type { ActionKey } from "../../../lib/flow/store/types.ts";
import { inTemporaryFolder, publishFiles, readFiles } from "./scratch.ts";

const DAY = 24 * 3600 * 1000;

/** Five actions with a file of 1,000 bytes each and one that all share, published days ago: n = 4 is the newest. */
async function inAgedStore(body: (store: Store, keys: ActionKey[]) => void | Promise<void>): Promise<void> {
  await inTemporaryFolder(async (folder) => {
    const store = Store.open(`${folder}/store`);
    const keys: ActionKey[] = [];
    for (let n = 0; n < 5; n++) {
      const { key } = await publishFiles(store, { n }, {
        out: { own: `${n}`.repeat(1000), shared: "s".repeat(500) },
      });
      const time = new Date(Date.now() - (50 - 10 * n) * DAY);
      Deno.utimeSync(store.records.path(key), time, time);
      keys.push(key);
    }
    store.close();
    const opened = Store.open(`${folder}/store`);
    await body(opened, keys);
    assert.deepStrictEqual(await opened.verify(), []);
    for (const key of opened.keys()) {
      assert.deepStrictEqual(await opened.checkOutputs(opened.getRecord(key)!), []);
    }
    opened.close();
  });
}

const left = (store: Store, keys: ActionKey[]) =>
  keys.map((key, n) => (store.getRecord(key) ? n : -1)).filter((n) => n >= 0);

Deno.test("roots stay, and with them the files that they share with what goes", () =>
  inAgedStore((store, keys) => {
    const report = store.gc({ roots: new Set([keys[1], keys[3]]) });
    assert.deepStrictEqual(left(store, keys), [1, 3]);
    assert.strictEqual(report.removed.length, 3);
    assert.strictEqual(report.blobs, 3);
  }));

Deno.test("a dry run says what it would do and does nothing", () =>
  inAgedStore((store, keys) => {
    const before = Object.keys(readFiles(store.folder)).filter((path) => !path.startsWith("leases/"));
    const dry = store.gc({ roots: new Set([keys[1]]), dryRun: true });
    assert.deepStrictEqual(
      Object.keys(readFiles(store.folder)).filter((path) => !path.startsWith("leases/")),
      before,
    );
    assert.deepStrictEqual(store.gc({ roots: new Set([keys[1]]) }), dry);
    assert.deepStrictEqual(left(store, keys), [1]);
  }));

Deno.test("older than: by last use, which may be later than the record", () =>
  inAgedStore((store, keys) => {
    const lastUsed = new Map([[keys[0], Date.now() - DAY]]);
    store.gc({ roots: new Set([keys[1]]), lastUsed, olderThanMs: 25 * DAY });
    assert.deepStrictEqual(left(store, keys), [0, 1, 3, 4]);
  }));

Deno.test("max size: what was not used for longest goes first", () =>
  inAgedStore((store, keys) => {
    // Two of the files of 1,000 bytes, the shared one, and their lists.
    const { keptBytes } = store.gc({ roots: new Set(), maxBytes: 3400 });
    assert.ok(keptBytes <= 3400, `${keptBytes}`);
    assert.deepStrictEqual(left(store, keys), [3, 4]);
  }));

Deno.test("max size below what the roots need: they stay, and it is said", () =>
  inAgedStore((store, keys) => {
    const { notes } = store.gc({ roots: new Set(keys.slice(0, 2)), maxBytes: 10 });
    assert.deepStrictEqual(left(store, keys), [0, 1]);
    assert.match(notes.join(), /still above/);
  }));

Deno.test("what another process uses, leases or is about to say it uses stays", () =>
  inAgedStore((store, keys) => {
    const other = Store.open(store.folder, "another run");
    other.tryLease(keys[0]);
    const unsaid = store.gc({ roots: new Set() });
    assert.deepStrictEqual(left(store, keys), [0, 1, 2, 3, 4]);
    assert.match(unsaid.notes.join(), /another run\) has not yet said what it uses/);
    other.declareUse([keys[2]]);
    store.gc({ roots: new Set() });
    assert.deepStrictEqual(left(store, keys), [0, 2]);
    other.close();
    store.gc({ roots: new Set() });
    assert.deepStrictEqual(left(store, keys), []);
  }));

Deno.test("what a running process published stays, and files on their way into the store too", () =>
  inAgedStore(async (store, keys) => {
    const other = Store.open(store.folder, "another run");
    other.declareUse([]);
    const { key } = await publishFiles(other, { fresh: 1 }, { out: { "": "fresh" } });
    const log = other.putText("a log on its way");
    store.gc({ roots: new Set() });
    assert.ok(store.getRecord(key) !== undefined);
    assert.strictEqual(store.getText(log), "a log on its way");
    assert.deepStrictEqual(left(store, keys), []);
    other.close();
    store.gc({ roots: new Set() });
    assert.strictEqual(store.getText(log), undefined);
  }));

Deno.test("two collections at once: the second says who is at it", () =>
  inAgedStore((store) => {
    const other = Store.open(store.folder, "another gc");
    other.tryLease("gc" as ActionKey);
    assert.throws(() => store.gc({ roots: new Set() }), { code: "store-busy" });
    other.close();
  }));
