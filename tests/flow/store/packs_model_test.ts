/** Random operations on packs by two processes that are killed in between, checked against what must be there. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { actionKey } from "../../../lib/flow/store/manifest.ts";
import { encodeEntries } from "../../../lib/flow/store/pack_format.ts";
import { Store } from "../../../lib/flow/store/store.ts";
import { flip, packedEntries, packFiles } from "./packed.ts";
import { inTemporaryFolder, itemManifest, paramsOf, publishItem } from "./scratch.ts";

const ITEMS = 10;
const RUNS = 60;

type Operation =
  | { readonly do: "publish"; readonly by: number; readonly items: readonly number[] }
  | { readonly do: "close" | "verify"; readonly by: number }
  /** Killed when so many bytes of what it was about to append were on the disk. */
  | { readonly do: "kill"; readonly by: number; readonly torn: number }
  | { readonly do: "gc"; readonly by: number; readonly roots: readonly number[] }
  | { readonly do: "flip"; readonly pack: number; readonly at: number; readonly bit: number };

const by = fc.nat(1);
const items = fc.uniqueArray(fc.nat(ITEMS - 1), { minLength: 1, maxLength: 5 });
const operation: fc.Arbitrary<Operation> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ do: fc.constant("publish" as const), by, items }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constantFrom("close" as const, "verify" as const), by }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("kill" as const), by, torn: fc.nat(300) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("gc" as const), by, roots: items }) },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant("flip" as const),
      pack: fc.nat(20),
      at: fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
      bit: fc.nat(7),
    }),
  },
);

const keyOf = (n: number) => actionKey(itemManifest(`${n}`, paramsOf(n)));
const textOf = (n: number) => `the text of ${n}`;

/** Two processes and what they have kept. */
class World {
  /** Results that must be there. */
  readonly must = new Set<number>();
  /** Those that were hit by damage, or by the end of what they were in: there or not, but never wrong. */
  readonly may = new Set<number>();
  readonly #stores: Store[];
  #isHit = false;

  constructor(readonly folder: string) {
    this.#stores = [0, 1].map((n) => Store.open(folder, `process ${n}`));
  }

  async perform(operation: Operation): Promise<void> {
    switch (operation.do) {
      case "publish":
        return await this.#publish(operation.by, operation.items);
      case "close":
        return this.#stores[operation.by].close();
      case "kill":
        return this.#kill(operation.by, operation.torn);
      case "verify": {
        const damage = await this.#stores[operation.by].verify();
        return assert.ok(this.#isHit || damage.length === 0, JSON.stringify(damage));
      }
      case "gc":
        return this.#gc(operation.by, operation.roots);
      case "flip":
        return this.#flip(operation.pack, operation.at, operation.bit);
    }
  }

  /** What is found is right, and all is found that must be. */
  async check(store: Store): Promise<void> {
    const found = await store.packedItems(Array.from({ length: ITEMS }, (_, n) => keyOf(n)));
    for (let n = 0; n < ITEMS; n++) {
      const record = found.get(keyOf(n));
      if (record === undefined) assert.ok(!this.must.has(n), `item ${n} is lost`);
      else {
        assert.ok(this.must.has(n) || this.may.has(n), `item ${n} was removed`);
        assert.equal(store.bytes.text(store.artifact(record.outputs.out)!.entries[0].digest), textOf(n));
      }
    }
  }

  /** Both processes end, and one looks at what is left. */
  async end(): Promise<void> {
    for (const store of this.#stores) store.close();
    const last = Store.open(this.folder, "the last one");
    await this.check(last);
    await last.verify();
    assert.deepEqual(await last.verify(), []);
    await this.check(last);
    last.close();
  }

  stores(): readonly Store[] {
    return this.#stores;
  }

  async #publish(by: number, items: readonly number[]): Promise<void> {
    await Promise.all(items.map(async (n) => {
      const { record } = await publishItem(
        this.#stores[by],
        `${n}`,
        { a: textOf(n), b: "of all" },
        paramsOf(n),
      );
      assert.ok(record !== undefined);
      this.may.delete(n);
      this.must.add(n);
    }));
  }

  /** The process is gone without a word, and with it what others know it by. */
  #kill(by: number, torn: number): void {
    const store = this.#stores[by];
    const { token } = store.leases.me;
    const pack = store.packs.all().find(({ owner, isSealed }) => owner === token && !isSealed);
    if (pack !== undefined) {
      const bytes = new TextEncoder().encode("what was about to be kept".repeat(20));
      const entry = { kind: "blob" as const, digest: "0".repeat(64), time: 1, bytes };
      const cut = encodeEntries([entry], pack.end).bytes.slice(0, torn);
      Deno.writeFileSync(pack.path, cut, { append: true });
    }
    for (const one of store.packs.all()) one.close();
    Deno.removeSync(store.leases.ownerFile(token));
    store.leases.rise(token);
    this.#stores[by] = Store.open(this.folder, `process ${by}`);
  }

  #gc(by: number, roots: readonly number[]): void {
    const report = this.#stores[by].gc({ roots: () => ({ keys: new Set(roots.map(keyOf)) }) });
    if (report.disturbed) return;
    const removed = new Set(report.removed.map(({ key }) => key));
    for (const n of [...this.must, ...this.may]) {
      if (roots.includes(n)) continue;
      // A pack whose index is damaged may be one that its process appends to still, from which nothing is taken.
      if (this.#isHit && !removed.has(keyOf(n))) continue;
      this.must.delete(n);
      this.may.delete(n);
    }
  }

  /** Damages a pack at rest. */
  #flip(which: number, share: number, bit: number): void {
    for (const store of this.#stores) store.packing.seal();
    const paths = packFiles(this.folder);
    if (paths.length === 0) return;
    const path = paths[which % paths.length];
    const { size } = Deno.statSync(path);
    if (size === 0) return;
    const at = Math.floor(share * size);
    const places = packedEntries(this.folder).filter((entry) => entry.path === path);
    flip(path, at, 1 << bit);
    this.#isHit = true;
    const hit = places.find((place) => place.at <= at && at < place.at + place.size);
    const isSealed = Store.open(this.folder).packs.all().find((pack) => pack.path === path)?.isSealed ??
      false;
    for (const n of [...this.must]) {
      const isHit = hit?.digest === keyOf(n) || hit?.kind === "tree" || hit?.kind === "blob";
      if (!isHit && isSealed) continue;
      this.must.delete(n);
      this.may.add(n);
    }
  }
}

Deno.test(`${RUNS} times random operations, kills and damage: nothing is lost that must be there, and nothing is false`, () =>
  fc.assert(
    fc.asyncProperty(
      fc.array(operation, { minLength: 3, maxLength: 12 }),
      (operations) =>
        inTemporaryFolder(async (folder) => {
          const world = new World(folder);
          for (const operation of operations) {
            await world.perform(operation);
            for (const store of world.stores()) await world.check(store);
          }
          await world.end();
        }),
    ),
    { numRuns: RUNS },
  ));
