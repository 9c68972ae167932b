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
    const report = store.gc({ roots: () => ({ keys: new Set([keys[1], keys[3]]) }) });
    assert.deepStrictEqual(left(store, keys), [1, 3]);
    assert.strictEqual(report.removed.length, 3);
    assert.strictEqual(report.blobs, 3);
  }));

Deno.test("a dry run says what it would do and does nothing", () =>
  inAgedStore((store, keys) => {
    const before = Object.keys(readFiles(store.folder)).filter((path) => !path.startsWith("leases/"));
    const dry = store.gc({ roots: () => ({ keys: new Set([keys[1]]) }), dryRun: true });
    assert.deepStrictEqual(
      Object.keys(readFiles(store.folder)).filter((path) => !path.startsWith("leases/")),
      before,
    );
    assert.deepStrictEqual(store.gc({ roots: () => ({ keys: new Set([keys[1]]) }) }), dry);
    assert.deepStrictEqual(left(store, keys), [1]);
  }));

Deno.test("older than: by last use, which may be later than the record", () =>
  inAgedStore((store, keys) => {
    const lastUsed = new Map([[keys[0], Date.now() - DAY]]);
    store.gc({ roots: () => ({ keys: new Set([keys[1]]), lastUsed }), olderThanMs: 25 * DAY });
    assert.deepStrictEqual(left(store, keys), [0, 1, 3, 4]);
  }));

Deno.test("max size: what was not used for longest goes first", () =>
  inAgedStore((store, keys) => {
    // Two of the files of 1,000 bytes, the shared one, and their lists.
    const { keptBytes } = store.gc({ roots: () => ({ keys: new Set() }), maxBytes: 3400 });
    assert.ok(keptBytes <= 3400, `${keptBytes}`);
    assert.deepStrictEqual(left(store, keys), [3, 4]);
  }));

Deno.test("max size below what the roots need: they stay, and it is said", () =>
  inAgedStore((store, keys) => {
    const { notes } = store.gc({ roots: () => ({ keys: new Set(keys.slice(0, 2)) }), maxBytes: 10 });
    assert.deepStrictEqual(left(store, keys), [0, 1]);
    assert.match(notes.join(), /still larger/);
  }));

Deno.test("while another process works on the store no result goes, nor a file on its way into it", () =>
  inAgedStore(async (store, keys) => {
    const other = Store.open(store.folder, "another run");
    await other.beginUse();
    const { key } = await publishFiles(other, { fresh: 1 }, { out: { "": "fresh" } });
    const log = other.putText("a log on its way");
    const report = store.gc({ roots: () => ({ keys: new Set() }) });
    assert.ok(report.disturbed);
    assert.match(report.notes.join(), /another run\) works with them/);
    assert.deepStrictEqual([report.removed, report.bytes], [[], 0]);
    assert.deepStrictEqual(left(store, keys), [0, 1, 2, 3, 4]);
    assert.strictEqual(store.getText(log), "a log on its way");
    other.close();
    assert.ok(!store.gc({ roots: () => ({ keys: new Set([key]) }) }).disturbed);
    assert.deepStrictEqual(left(store, keys), []);
    assert.ok(store.getRecord(key) !== undefined);
    assert.strictEqual(store.getText(log), undefined);
  }));

Deno.test("a process that came and went between two removals ends the collection", () =>
  inAgedStore((store, keys) => {
    // As if this process had stood still after its first removal: what follows rests on what it saw before.
    const remove = store.removals.remove.bind(store.removals);
    let removals = 0;
    store.removals.remove = (path) => {
      remove(path);
      if (++removals > 1) return;
      const other = Store.open(store.folder, "another run");
      other.workFolder("x");
      other.close();
    };
    const report = store.gc({ roots: () => ({ keys: new Set() }) });
    assert.ok(report.disturbed);
    assert.strictEqual(report.removed.length, 1);
    assert.strictEqual(left(store, keys).length, 4);
    assert.match(report.notes.join(), /stopped: another process began to use the store/);
  }));

Deno.test("a run that is pinned meanwhile, or any other change where the roots were looked for, ends it", () =>
  inAgedStore((store, keys) => {
    const folder = `${store.folder}/runs`;
    Deno.mkdirSync(folder);
    const roots = () => (Deno.writeTextFileSync(`${folder}/new`, ""), { keys: new Set<ActionKey>() });
    assert.ok(store.gc({ roots, watched: [folder] }).disturbed);
    assert.deepStrictEqual(left(store, keys), [0, 1, 2, 3, 4]);
  }));

Deno.test("roots that can't be found remove nothing", () =>
  inAgedStore((store, keys) => {
    const roots = () => {
      throw new Error("a run record is damaged");
    };
    assert.throws(() => store.gc({ roots }), /damaged/);
    assert.deepStrictEqual(left(store, keys), [0, 1, 2, 3, 4]);
  }));

Deno.test(
  "a file that can't be removed is passed over and reported once",
  { ignore: Deno.uid() !== 0 },
  () =>
    inAgedStore(async (store, keys) => {
      const path = store.records.path(keys[2]);
      const isMade = await new Deno.Command("chattr", { args: ["+i", path] }).output();
      try {
        const report = store.gc({ roots: () => ({ keys: new Set() }) });
        assert.deepStrictEqual(left(store, keys), isMade.success ? [2] : []);
        assert.strictEqual(report.removed.length, isMade.success ? 4 : 5);
        assert.strictEqual(
          store.removals.report().filter((line) => line.includes(path)).length,
          isMade.success ? 1 : 0,
        );
        assert.deepStrictEqual(store.removals.report(), []);
      } finally {
        await new Deno.Command("chattr", { args: ["-i", path] }).output();
      }
    }),
);

Deno.test("two collections at once: the second says who is at it", () =>
  inAgedStore((store) => {
    const other = Store.open(store.folder, "another gc");
    other.tryLease("gc" as ActionKey);
    assert.throws(() => store.gc({ roots: () => ({ keys: new Set() }) }), { code: "store-busy" });
    other.close();
  }));

Deno.test("whoever begins to use a store learns whether another process may have removed what it had looked up", () =>
  inAgedStore(async (store) => {
    const other = Store.open(store.folder, "another process");
    store.close();
    const alone = store.leases.presence();
    assert.ok(!await store.beginUseSince(alone));
    store.close();
    const before = store.leases.presence();
    other.gc({ roots: () => ({ keys: new Set() }) });
    other.close();
    assert.ok(await store.beginUseSince(before), "one that came and went");
    store.close();
    other.workFolder("x");
    assert.ok(await store.beginUseSince(store.leases.presence()), "one that is there");
    other.close();
  }));
