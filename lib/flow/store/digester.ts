/** Digests files, reading only those without a remembered digest. */
import { digestFiles } from "./digest.ts";
import { preciseNow } from "./file_clock.ts";
import { type Settling } from "./settle.ts";
import type { StatIndex } from "./stat_index.ts";
import { StatKey } from "./stat_key.ts";
import type { FileDigest } from "./types.ts";

export interface FileToKnow {
  readonly absolute: string;
  /** Its name in the index (see StatIndex); without a name it is read and not remembered. */
  readonly name?: string;
  readonly key: StatKey;
}

export interface KnownFile {
  readonly digest: FileDigest;
  /** The key under which the bytes had this digest. */
  readonly key: StatKey;
  /** May the digest be remembered under the key (see settle.ts)? */
  readonly trusted: boolean;
}

const ATTEMPTS = 3;

export class Digester {
  constructor(readonly index: StatIndex, readonly settling: Settling) {}

  /** The digest of a file with the stat key `key`, if it is known without reading the file. */
  remembered(name: string, key: StatKey): FileDigest | undefined {
    return this.index.lookup(name, key);
  }

  /**
   * The digests of files, in order.
   *
   * @param changing makes the error for a file that is never twice the same while it is read
   * @param settled whether to wait until the digests can be trusted, which takes a tick of the file system's clock
   * @param linked whether links to the files may come and go meanwhile, which moves their change times and is no change
   */
  async digest(
    files: readonly FileToKnow[],
    changing: (path: string) => Error,
    { settled = false, linked = false } = {},
  ): Promise<KnownFile[]> {
    const readNow = !this.index.isLoaded && isLittle(files);
    const known = new Array<KnownFile | undefined>(files.length);
    let unknown: FileToRead[] = [];
    files.forEach((file, slot) => {
      const digest = file.name === undefined || readNow ? undefined : this.index.lookup(file.name, file.key);
      if (digest === undefined) unknown.push({ ...file, slot });
      else known[slot] = { digest, key: file.key, trusted: true };
    });
    for (let attempt = 1; unknown.length > 0; attempt++) {
      if (attempt > ATTEMPTS) throw changing(unknown[0].absolute);
      unknown = await this.#read(unknown, known, changing, { settled, linked });
    }
    return known as KnownFile[];
  }

  /** Reads files; returns those that changed meanwhile, with their new stat keys. */
  async #read(
    files: readonly FileToRead[],
    known: (KnownFile | undefined)[],
    changing: (path: string) => Error,
    { settled, linked }: { settled: boolean; linked: boolean },
  ): Promise<FileToRead[]> {
    const seenAt = settled ? preciseNow() : undefined;
    await this.settling.wait(files.map(({ key }) => key), settled);
    const readAt = preciseNow();
    let digests: FileDigest[];
    try {
      digests = await digestFiles(files.map(({ absolute, key }) => ({ path: absolute, size: key.size })));
    } catch (error) {
      if (!/was cut short/.test(String(error))) throw error;
      digests = [];
    }
    const changed: FileToRead[] = [];
    files.forEach((file, i) => {
      const key = StatKey.of(file.absolute);
      if (key === undefined) throw changing(file.absolute);
      const same = key.equals(file.key);
      if (digests[i] === undefined || !(same || (linked && key.sameButChangeTime(file.key)))) {
        return changed.push({ ...file, key });
      }
      // Under a change time that moved meanwhile it is read again the next time.
      const trusted = same && this.settling.trusts(key, readAt, seenAt);
      known[file.slot] = { digest: digests[i], key, trusted };
      if (trusted && file.name !== undefined) this.index.remember(file.name, key, digests[i]);
    });
    return changed;
  }
}

/** Reading them takes less time than loading the index. */
function isLittle(files: readonly FileToKnow[]): boolean {
  return files.length <= 20 && files.reduce((bytes, { key }) => bytes + key.size, 0) <= 1 << 20;
}

interface FileToRead extends FileToKnow {
  readonly slot: number;
}
