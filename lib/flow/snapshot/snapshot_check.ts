/** What changed since a plan snapshot was written, by stat keys alone where nothing did. */
import { basename } from "node:path";
import { digestFiles, isFileDigest } from "../store/digest.ts";
import { isPackName } from "../store/pack.ts";
import { StatKey } from "../store/stat_key.ts";
import { preciseNow } from "../store/file_clock.ts";
import type { Store } from "../store/store.ts";
import type { SourceState, TreeDigest } from "../store/types.ts";
import type { SnapshotColumns } from "./snapshot_columns.ts";
import { keyedFiles, parseSource } from "./snapshot_write.ts";

export interface SnapshotChanges {
  /** Changed code: the workflow has to be read and planned again. Nothing else was checked then. */
  readonly code: readonly string[];
  /** The new state of each changed source, by index. */
  readonly sources: ReadonlyMap<number, SourceState>;
  /** A source that can't be read any more, by index, and why. */
  readonly lost: ReadonlyMap<number, Error>;
  /** Tasks whose result is missing or damaged, and why. */
  readonly damaged: ReadonlyMap<number, string>;
  /** Files were touched and have the same bytes; their new keys are in the columns. */
  readonly touched: boolean;
}

export async function checkSnapshot(store: Store, columns: SnapshotColumns): Promise<SnapshotChanges> {
  const check = new Check(store, columns);
  const code = await check.code();
  if (code.length === 0) {
    await check.sources();
    await check.kept();
  }
  return { code, sources: check.changed, lost: check.lost, damaged: check.damaged, touched: check.touched };
}

class Check {
  readonly changed = new Map<number, SourceState>();
  readonly lost = new Map<number, Error>();
  readonly damaged = new Map<number, string>();
  touched = false;

  constructor(readonly store: Store, readonly columns: SnapshotColumns) {}

  /** The code files with other bytes. */
  async code(): Promise<string[]> {
    const { code, codeDigests } = this.columns;
    const changed: string[] = [];
    for (const i of code.changed()) {
      const path = code.paths.at(i);
      const readAt = preciseNow();
      const key = StatKey.of(path);
      const same = key?.isFile && (await digestFiles([{ path, size: key.size }]))[0] === codeDigests.at(i);
      if (!same) changed.push(path);
      else if (this.store.digester.settling.trusts(key, readAt)) this.#touch(() => code.setKey(i, key));
    }
    return changed;
  }

  async sources(): Promise<void> {
    const { sourceFiles, filesOfSource, sources } = this.columns;
    const files = sourceFiles.changed();
    if (files.length === 0) return;
    // Files are in the order of their sources.
    let source = 0;
    let last = -1;
    for (const file of files) {
      while (file >= filesOfSource.starts[source + 1]) source++;
      if (source === last) continue;
      last = source;
      const { kind, digest, path } = parseSource(sources.at(source));
      try {
        const state = await this.store.digestSource(path, kind);
        if (state.artifact.digest === digest) this.#touchSource(source, state);
        else this.changed.set(source, state);
      } catch (error) {
        this.lost.set(source, error as Error);
      }
    }
  }

  async kept(): Promise<void> {
    const { kept } = this.columns;
    const reasons = new Map<number, string>();
    for (const i of kept.changed()) {
      const path = kept.paths.at(i);
      const name = basename(path);
      const key = StatKey.ofLink(path);
      if (key?.isFolder) {
        // Records were added or deleted; whether one of ours was is checked below.
        this.#touch(() => kept.setKey(i, key));
        reasons.set(i, "");
      } else if (path.startsWith(`${this.store.folder}/trees/`)) {
        const tree = this.store.trees.get({ digest: name as TreeDigest, files: 0, bytes: 0 });
        if (tree === undefined) reasons.set(i, "a cached file list is missing or damaged");
        else this.#touch(() => kept.setKey(i, StatKey.of(path)!));
      } else if (isPackName(name)) {
        const found = this.store.packs.readWhole(name);
        if (found === undefined) reasons.set(i, "a pack of results of items is gone or damaged");
        else if (found.key !== undefined) this.#touch(() => kept.setKey(i, found.key!));
      } else if (key === undefined || !isFileDigest(name)) {
        reasons.set(i, "its cached result is gone");
      } else {
        const [damage] = await this.store.blobs.check([{ digest: name, size: key.size }]);
        if (damage !== undefined) reasons.set(i, `a kept file is damaged: ${damage.reason}`);
        else if (this.store.blobs.remembered(name, key)) this.#touch(() => kept.setKey(i, key));
      }
    }
    if (reasons.size > 0) this.#blame(reasons);
  }

  /** Tells which tasks' results are concerned. */
  #blame(reasons: ReadonlyMap<number, string>): void {
    const { keptOfTask, keys } = this.columns;
    for (let task = 0; task < keys.length; task++) {
      for (const i of keptOfTask.of(task)) {
        const reason = reasons.get(i);
        if (reason === undefined) continue;
        if (reason !== "") this.damaged.set(task, reason);
        else if (StatKey.ofLink(this.store.records.path(keys.at(task)))?.isFile !== true) {
          this.damaged.set(task, "its cached result is gone");
        }
      }
    }
  }

  #touchSource(source: number, state: SourceState): void {
    const { sourceFiles, filesOfSource } = this.columns;
    const now = keyedFiles(state);
    const before = filesOfSource.of(source);
    if (now.length !== before.length) return; // An empty folder was added or deleted.
    const unsettled = new Set(state.unsettled);
    before.forEach((file, i) => {
      const { path, key } = now[i];
      if (sourceFiles.paths.at(file) !== path || unsettled.has(path)) return;
      this.#touch(() => sourceFiles.setKey(file, key));
    });
  }

  #touch(note: () => void): void {
    note();
    this.touched = true;
  }
}
