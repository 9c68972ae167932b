/** Packs the results of items: those that end within a moment are appended together, and count from then on. */
import { canonicalJson } from "./canonical_json.ts";
import { attempt, storeError } from "./io.ts";
import type { Pack } from "./pack.ts";
import { idOf, PACK_BYTES, type PackEntry } from "./pack_format.ts";
import { PackWriter, sealAbandoned } from "./pack_writer.ts";
import type { Packer, StoreParts, ToPack } from "./parts.ts";
import { checkOutputs } from "./publish.ts";
import { isAtRest, mendPack } from "./rewrite_packs.ts";
import { preciseNow } from "./file_clock.ts";
import { PACKS, type StoreVersion } from "./store_version.ts";
import { recordBytes } from "./record_text.ts";
import type { ActionRecord, FileDigest, TreeDigest } from "./types.ts";

/** The name of the lease of whoever appends: the first record of a key stays. */
const PACK_LEASE = "packs";
const POLL_MS = 2;

interface Waiting extends ToPack {
  readonly resolve: (other: ActionRecord | undefined) => void;
  readonly reject: (error: unknown) => void;
}

export class Packing implements Packer {
  #queue: Waiting[] = [];
  #isWriting = false;
  #writer: PackWriter | undefined;

  constructor(readonly store: StoreParts, readonly version: StoreVersion) {}

  keep(result: ToPack): Promise<ActionRecord | undefined> {
    const { promise, resolve, reject } = Promise.withResolvers<ActionRecord | undefined>();
    this.#queue.push({ ...result, resolve, reject });
    if (!this.#isWriting) void this.#write();
    return promise;
  }

  /** Seals the pack that this process appends to. */
  seal(): void {
    const writer = this.#writer;
    if (writer === undefined) return;
    this.#writer = undefined;
    try {
      const { packs } = this.store;
      if (!writer.isIntact) return;
      writer.seal();
      packs.rememberRight(writer.pack);
    } catch (error) {
      // It is right without an index, which only saves time.
      if (storeError("seal a pack", error) === error) throw error;
    } finally {
      writer.close();
    }
  }

  async #write(): Promise<void> {
    this.#isWriting = true;
    while (this.#queue.length > 0) {
      // What ends at the same moment is written together.
      await pause(0);
      const results = this.#queue;
      this.#queue = [];
      try {
        const others = await this.#append(results);
        results.forEach(({ resolve }, i) => resolve(others[i]));
      } catch (error) {
        const reason = storeError(`pack results in ${this.store.folder}`, error);
        for (const { reject } of results) reject(reason);
      }
    }
    this.#isWriting = false;
  }

  async #append(results: readonly ToPack[]): Promise<(ActionRecord | undefined)[]> {
    const { store } = this;
    const lease = await this.#lease();
    try {
      store.packs.refresh();
      this.#sealAbandoned();
      const others: (ActionRecord | undefined)[] = [];
      for (const { record } of results) others.push(record && await this.#other(record));
      const own = results.filter((_, i) => others[i] === undefined);
      const entries = this.#lacking(own);
      if (entries.length > 0) this.#appendEntries(entries);
      return others;
    } finally {
      lease.release();
    }
  }

  async #lease() {
    for (;;) {
      const claim = this.store.leases.try(PACK_LEASE);
      if ("lease" in claim) return claim.lease;
      await pause(POLL_MS);
    }
  }

  /** The record that is kept already; one whose outputs are missing or damaged is set aside. */
  async #other({ key }: ActionRecord): Promise<ActionRecord | undefined> {
    const { store } = this;
    const file = store.records.readFile(key);
    if (file !== undefined) {
      if (!("what" in file) && (await checkOutputs(store, file)).length === 0) return file;
      const reason = "what" in file ? file.reason : "its outputs are missing or damaged";
      store.records.setAside({ what: "record", digest: key, reason });
    }
    const packed = store.records.getPacked(key);
    if (packed === undefined) return undefined;
    if ((await checkOutputs(store, packed)).length === 0) return packed;
    this.seal();
    for (const { pack } of store.packs.find("record", key)) {
      mendPack(store, pack, new Set([idOf({ kind: "record", digest: key })]));
    }
  }

  /** What of the results is not kept yet, each once, every record behind its files. */
  #lacking(results: readonly ToPack[]): PackEntry[] {
    const { store } = this;
    const time = Date.now();
    const files = results.flatMap(({ files }) => files);
    const blobs = files.filter(({ kind }) => kind === "blob")
      .map(({ digest, bytes }) => ({ digest: digest as FileDigest, size: bytes.length }));
    // To pack once more what is a file takes less time than to look for the file.
    const right = store.packs.rightBlobs(blobs);
    const missing = new Set<string>();
    for (const file of files) {
      const isKept = file.kind === "blob"
        ? right.has(file.digest as FileDigest)
        : store.trees.get({ digest: file.digest as TreeDigest, files: 0, bytes: 0 }) !== undefined;
      if (!isKept) missing.add(idOf(file));
    }
    const taken = new Set<string>();
    return results.flatMap(({ files, record }) => [
      ...files.filter((file) => missing.delete(idOf(file))).map((entry) => ({ ...entry, time })),
      ...(record === undefined || taken.has(record.key) ? [] : [recordEntry(record, time, taken)]),
    ]);
  }

  #appendEntries(entries: readonly PackEntry[]): void {
    const { packs, digester: { settling } } = this.store;
    const trusts = (key: Parameters<typeof settling.trusts>[0]) => settling.trusts(key, preciseNow());
    for (let isIn = false; !isIn;) {
      if (this.#writer !== undefined && !this.#mayGoOn(this.#writer.pack)) this.seal();
      const writer = this.#writer ??= this.#begin();
      try {
        isIn = writer.append(entries, trusts);
      } catch (error) {
        this.seal();
        throw error;
      }
      if (!isIn) {
        packs.forget(writer.pack);
        this.#writer = undefined;
        writer.close();
      }
    }
  }

  #mayGoOn(pack: Pack): boolean {
    return pack.end < PACK_BYTES && pack.owner === this.store.leases.me.token && this.#writer!.isIntact;
  }

  /**
   * Results that are kept already are found by an index whatever happens to the lines of their pack. Where another user's pack
   * can't be written to, it is as right without one.
   */
  #sealAbandoned(): void {
    const { store } = this;
    for (const pack of store.packs.all()) {
      if (!pack.isSealed && isAtRest(store, pack)) attempt("seal a pack", () => sealAbandoned(pack));
    }
  }

  #begin(): PackWriter {
    const { store } = this;
    this.version.require(PACKS);
    const writer = new PackWriter(store.newPack());
    store.packs.add(writer.pack);
    return writer;
  }
}

function recordEntry(record: ActionRecord, time: number, taken: Set<string>): PackEntry {
  taken.add(record.key);
  return { kind: "record", digest: record.key, bytes: recordBytes(canonicalJson(record)).bytes, time };
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
