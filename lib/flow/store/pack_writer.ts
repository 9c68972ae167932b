/** Appends entries to a new pack, and seals it. */
import { inFolderOf, tryRemoveAll } from "./layout.ts";
import { isStale } from "../../system/stale.ts";
import { keyNow } from "./late_view.ts";
import { refusesLate } from "./late_refusals.ts";
import { encodeEntries, encodeIndex, PACK_HEAD, type PackEntry } from "./pack_format.ts";
import { Pack } from "./pack.ts";
import { openPlain } from "./plain_file.ts";
import { StatKey } from "./stat_key.ts";

const READ_ONLY = 0o444;

export class PackWriter {
  readonly #file: Deno.FsFile;
  /** The stat key after the last change of this process. */
  #key: StatKey | undefined;

  /** @param pack of which nothing is on the disk yet @throws what the system refuses */
  constructor(readonly pack: Pack) {
    this.#file = inFolderOf(pack.path, () => Deno.openSync(pack.path, { write: true, createNew: true }));
    try {
      writeAll(this.#file, PACK_HEAD);
      pack.add([], PACK_HEAD.length);
      this.#key = StatKey.ofLink(pack.path);
    } catch (error) {
      this.#file.close();
      tryRemoveAll(pack.path);
      throw error;
    }
  }

  /** Whether the pack is as this process has left it: others seal and remove those of a process that they take for dead. */
  get isIntact(): boolean {
    const now = keyNow(this.pack.path);
    return now !== undefined && this.#key?.equals(now) === true;
  }

  /**
   * Appends entries in one piece. Where that fails nothing is left of them.
   *
   * @param trusts whether what is on the disk is known under the stat key that it has then
   * @returns whether they are in the pack; false where others have removed it meanwhile
   */
  append(entries: readonly PackEntry[], trusts: (key: StatKey) => boolean): boolean {
    const { pack } = this;
    const { bytes, places } = encodeEntries(entries, pack.end);
    const before = this.#key;
    try {
      writeAll(this.#file, bytes);
      if (before !== undefined && refusesLate(before.device)) this.#file.syncDataSync();
    } catch (error) {
      if (isStale(error)) return false;
      this.#file.truncateSync(pack.end);
      this.#file.seekSync(pack.end, Deno.SeekMode.Start);
      this.#key = keyNow(pack.path);
      throw error;
    }
    const now = keyNow(pack.path);
    if (before === undefined || !now?.isSameFile(before)) return false;
    pack.add(places, pack.end + bytes.length);
    pack.grown(before, now);
    if (now.size === pack.end && trusts(now)) pack.know(places, now);
    this.#key = now;
    return true;
  }

  /** Makes the pack as it will stay. @throws what the system refuses; it is right then without an index */
  seal(): void {
    const { pack } = this;
    const before = this.#key;
    const { bytes, digest } = encodeIndex([...pack.places()], pack.end);
    try {
      writeAll(this.#file, bytes);
      this.#file.syncDataSync();
      Deno.chmodSync(pack.path, READ_ONLY);
    } catch (error) {
      this.#file.truncateSync(pack.end);
      throw error;
    }
    pack.sealed(digest);
    const now = StatKey.ofLink(pack.path);
    if (before !== undefined && now !== undefined) pack.grown(before, now);
  }

  close(): void {
    this.#file.close();
  }
}

/** Seals a pack whose process has ended: what that was writing is cut off. */
export function sealAbandoned(pack: Pack): void {
  pack.load();
  const { bytes, digest } = encodeIndex([...pack.places()], pack.end);
  using file = openPlain(pack.path, { write: true });
  file.truncateSync(pack.end);
  file.seekSync(pack.end, Deno.SeekMode.Start);
  writeAll(file, bytes);
  file.syncDataSync();
  Deno.chmodSync(pack.path, READ_ONLY);
  pack.sealed(digest);
}

function writeAll(file: Deno.FsFile, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length;) at += file.writeSync(bytes.subarray(at));
}
