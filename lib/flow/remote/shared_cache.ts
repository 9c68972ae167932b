/**
 * Results that others made: records are asked for by key, and the files of an output are fetched when something needs them.
 * Until the store has all files of a result it has no record of it, so that what the store promises stays as it is.
 */

import { messageOf } from "../failure.ts";
import { storeError } from "../store/io.ts";
import type { Store } from "../store/store.ts";
import type { ActionKey, ActionRecord, OutputRef } from "../store/types.ts";
import { readEntry } from "./entry.ts";
import { Fifo } from "./fifo.ts";
import { type ComingFiles, OutputFetcher, type Unkept } from "./fetch_output.ts";
import { Member, type MemberOptions } from "./member.ts";
import { sendResult } from "./send_result.ts";
import { MOST_ENTRY_BYTES } from "./server.ts";
import type { Signer } from "./signature.ts";

export interface SharedCacheOptions {
  /** In the order in which they are asked. */
  readonly members: readonly MemberOptions[];
  /** Public keys; where there are some, a result that none of them signed is none. */
  readonly trusted: readonly string[];
  readonly signer?: Signer;
}

/** What was moved in this process. */
export interface CacheTotals {
  /** Records that were found. */
  readonly found: number;
  readonly fetchedBytes: number;
  /** Results that were sent. */
  readonly sent: number;
  readonly sentBytes: number;
}

/** A result of which the store has not all files yet. */
interface Absent {
  readonly record: ActionRecord;
  /** The cache that had the record. */
  readonly member: Member;
}

/** Results that are sent at once. */
const RESULTS_AT_ONCE = 4;

/** The caches of a command; nothing that they do is an error of it. */
export class SharedCache {
  readonly #members: readonly Member[];
  readonly #written: readonly Member[];
  readonly #asked = new Map<ActionKey, Promise<ActionRecord | undefined>>();
  readonly #absent = new Map<ActionKey, Absent>();
  /** The results of which an output is one. */
  readonly #keysOf = new Map<string, Set<ActionKey>>();
  /** Outputs that could not be had; the store has them only once their tasks have run. */
  readonly #lost = new Set<string>();
  readonly #coming: ComingFiles = new Map();
  readonly #fetchers = new Map<Member, OutputFetcher>();
  readonly #bringing = new Map<string, Promise<boolean>>();
  /** What is to be sent, and what sends it. */
  readonly #offered = new Fifo<() => Promise<void>>();
  readonly #senders = new Set<Promise<void>>();
  #found = 0;
  #sent = 0;

  constructor(readonly store: Store, readonly options: SharedCacheOptions) {
    this.#members = options.members.map((one) => new Member(one));
    const { trusted, signer } = options;
    // What nobody would take must not replace what somebody has signed.
    const isTaken = trusted.length === 0 || (signer !== undefined && trusted.includes(signer.publicKey));
    this.#written = this.#members.filter(({ isWritten }) => isWritten && isTaken);
  }

  /** The record of a key, of which no file is fetched; undefined where no cache has one that can be trusted. */
  find(key: ActionKey): Promise<ActionRecord | undefined> {
    let asked = this.#asked.get(key);
    if (asked === undefined) this.#asked.set(key, asked = this.#ask(key));
    return asked;
  }

  /** Whether the store lacks files of the result. */
  lacks(key: ActionKey): boolean {
    return this.#absent.has(key);
  }

  /**
   * Fetches outputs that are absent. Where one can't be had, the results that it belongs to are found no more.
   *
   * @returns whether the store has all of them now
   * @throws StoreError where the store can't be written to
   */
  async bring(outputs: Iterable<OutputRef>): Promise<boolean> {
    const brought = await Promise.all([...outputs].map((output) => this.#bringOne(output)));
    return brought.every((isThere) => isThere);
  }

  /** The record of a key with all its files in the store; undefined where that can't be had. */
  async bringResult(key: ActionKey): Promise<ActionRecord | undefined> {
    const record = await this.find(key);
    return record && await this.bring(Object.values(record.outputs)) ? record : undefined;
  }

  /** Fetches what a result that was found has printed. */
  async bringLog(key: ActionKey): Promise<void> {
    const absent = this.#absent.get(key);
    const { log } = absent?.record.facts ?? {};
    if (log !== undefined) await this.#fetcher(absent!.member).log(log);
  }

  /** Sends a result that was made here, behind what goes on. */
  offer(record: ActionRecord): void {
    // States that a chain has passed are freed when it ends.
    if (record.facts.state === "passed") return;
    for (const member of this.#written) {
      this.#offered.push(() => this.#send(member, record));
    }
    this.#beginSending();
  }

  #beginSending(): void {
    if (this.#offered.first === undefined || this.#senders.size >= RESULTS_AT_ONCE) return;
    const sender = this.#sendOffered().finally(() => this.#senders.delete(sender));
    this.#senders.add(sender);
  }

  /** Asks nothing more of any cache, and cuts what is under way. */
  leave(): void {
    for (const member of this.#members) member.leave();
  }

  /** Waits until all that was offered is sent. */
  async finish(): Promise<CacheTotals> {
    while (this.#senders.size > 0 || this.#offered.first !== undefined) {
      this.#beginSending();
      await Promise.all(this.#senders);
    }
    const sum = (of: (member: Member) => number) => this.#members.reduce((all, one) => all + of(one), 0);
    return {
      found: this.#found,
      fetchedBytes: sum(({ traffic }) => traffic.fetchedBytes),
      sent: this.#sent,
      sentBytes: sum(({ traffic }) => traffic.sentBytes),
    };
  }

  async #sendOffered(): Promise<void> {
    for (let send = this.#offered.shift(); send !== undefined; send = this.#offered.shift()) await send();
  }

  async #send(member: Member, record: ActionRecord): Promise<void> {
    try {
      if (await sendResult(this.store, member, record, this.options.signer)) this.#sent++;
    } catch (error) {
      // The result is kept here whatever others get of it.
      member.note(`a result was not sent: ${messageOf(error)}`);
    }
  }

  async #ask(key: ActionKey): Promise<ActionRecord | undefined> {
    for (const member of this.#members) {
      const record = await member.fetch(
        `ac/${key}`,
        MOST_ENTRY_BYTES,
        (bytes) => readEntry(key, bytes, this.options.trusted),
      );
      if (record === undefined) continue;
      this.#found++;
      this.#absent.set(key, { record, member });
      for (const { digest } of Object.values(record.outputs)) {
        const keys = this.#keysOf.get(digest);
        if (keys === undefined) this.#keysOf.set(digest, new Set([key]));
        else keys.add(key);
      }
      return record;
    }
  }

  #bringOne(output: OutputRef): Promise<boolean> {
    const { digest } = output;
    let bringing = this.#bringing.get(digest);
    if (bringing === undefined) {
      bringing = this.#fetch(output).finally(() => this.#bringing.delete(digest));
      this.#bringing.set(digest, bringing);
    }
    return bringing;
  }

  async #fetch(output: OutputRef): Promise<boolean> {
    const keys = this.#keysOf.get(output.digest);
    const [absent] = [...keys ?? []].flatMap((key) => this.#absent.get(key) ?? []);
    if (keys === undefined || absent === undefined) {
      return !this.#lost.has(output.digest) || await this.#isHere(output);
    }
    const unkept = await this.#fetcher(absent.member).fetch(output);
    if (unkept === undefined) { for (const key of keys) this.#lose(key); }
    else await this.#keep(output, keys, unkept);
    return unkept !== undefined;
  }

  async #isHere(output: OutputRef): Promise<boolean> {
    const artifact = this.store.artifact(output);
    return artifact !== undefined && (await this.store.blobs.check(artifact.entries)).length === 0;
  }

  /** Asks first whoever had the record. */
  #fetcher(first: Member): OutputFetcher {
    let fetcher = this.#fetchers.get(first);
    if (fetcher === undefined) {
      const members = [first, ...this.#members.filter((member) => member !== first)];
      this.#fetchers.set(first, fetcher = new OutputFetcher(this.store, members, this.#coming));
    }
    return fetcher;
  }

  /** Keeps what came of an output, and then the records of the results that have all of theirs now. */
  async #keep({ digest }: OutputRef, keys: ReadonlySet<ActionKey>, files: Unkept): Promise<void> {
    try {
      const last = [...keys].find((key) => this.#isItem(key) && !this.#lacksOutput(key, digest));
      if (last !== undefined) await this.#settle(last, files);
      else if (files.length > 0) await this.store.packing.keep({ files });
      this.#keysOf.delete(digest);
      for (const key of keys) if (!this.#lacksOutput(key)) await this.#settle(key, []);
    } catch (error) {
      throw storeError(`keep a fetched result in ${this.store.folder}`, error);
    }
  }

  #isItem(key: ActionKey): boolean {
    return this.#absent.get(key)?.record.manifest.item !== undefined;
  }

  /** Whether an output of a result is yet to be kept, one aside. */
  #lacksOutput(key: ActionKey, aside?: string): boolean {
    const { outputs = {} } = this.#absent.get(key)?.record ?? {};
    return Object.values(outputs).some(({ digest }) => digest !== aside && this.#keysOf.has(digest));
  }

  /** Keeps the record of a result that is absent; that of an item goes into a pack right behind the last of its files. */
  async #settle(key: ActionKey, files: Unkept): Promise<void> {
    const record = this.#absent.get(key)?.record;
    if (record === undefined) return;
    if (record.facts.log !== undefined) await this.bringLog(key);
    if (record.manifest.item !== undefined) await this.store.packing.keep({ files, record });
    else this.store.records.add(record, this.store.temporary());
    this.#absent.delete(key);
  }

  #lose(key: ActionKey): void {
    const record = this.#absent.get(key)?.record;
    this.#asked.set(key, Promise.resolve(undefined));
    this.#absent.delete(key);
    for (const { digest } of Object.values(record?.outputs ?? {})) {
      this.#lost.add(digest);
      const keys = this.#keysOf.get(digest);
      keys?.delete(key);
      if (keys?.size === 0) this.#keysOf.delete(digest);
    }
  }
}
