/** Makes the columns of a plan snapshot from a finished plan. */
import { preciseNow } from "../store/file_clock.ts";
import type { Pack } from "../store/pack.ts";
import { StatKey } from "../store/stat_key.ts";
import type { Store } from "../store/store.ts";
import type { ActionKey, OutputRef, SourceState, TreeDigest } from "../store/types.ts";
import { Lists } from "./lists.ts";
import { SnapshotColumns } from "./snapshot_columns.ts";
import { type KeyedFile, StatColumn } from "./stat_column.ts";
import { TextColumn } from "./text_column.ts";

/** A task that has a result. */
export interface SnapshotTask {
  readonly id: string;
  /** The key of the action that makes the task's outputs. */
  readonly key: ActionKey;
  readonly outputs: Readonly<Record<string, OutputRef>>;
  /** The files of the store that hold it, where they were just looked at. */
  readonly kept?: readonly KeyedFile[];
  /** The planner's own data about the task, as JSON. */
  readonly body: string;
  /** How long it took when it was run, in milliseconds. */
  readonly ms: number;
  /** Indices of the tasks and sources that it takes inputs from. */
  readonly upstream: readonly number[];
  readonly sources: readonly number[];
}

export interface SnapshotContent {
  /** The planner's own data about the workflow, as JSON. */
  readonly head: string;
  /** The files (absolute) that determine the workflow and the code of its kinds, as they were when it was planned. */
  readonly code: readonly CodeFile[];
  readonly sources: readonly SnapshotSource[];
  /** In topological order. */
  readonly tasks: readonly SnapshotTask[];
}

export interface SnapshotSource {
  readonly kind: SourceState["kind"];
  readonly path: string;
  readonly digest: TreeDigest;
  readonly files: readonly KeyedFile[];
}

export interface CodeFile {
  readonly path: string;
  readonly key: StatKey;
  readonly digest: string;
}

/** The columns of `content`. A key that can't be trusted yet is left out, so that its file is looked at next time. */
export function snapshotColumns(store: Store, content: SnapshotContent): SnapshotColumns {
  const { code, sources, tasks } = content;
  const { settling } = store.digester;
  const now = preciseNow();

  const sourceFiles: KeyedFile[] = [];
  const filesOfSource = sources.map(({ files }) => files.map((file) => sourceFiles.push(file) - 1));
  const kept = new KeptFiles(store);
  const keptOfTask = tasks.map((task) => kept.of(task));
  return new SnapshotColumns(
    TextColumn.of([store.folder]),
    TextColumn.of([content.head]),
    StatColumn.of(code.map(({ path, key }) => ({ path, key: settling.trusts(key, now) ? key : undefined }))),
    TextColumn.of(code.map(({ digest }) => digest)),
    TextColumn.of(sources.map(({ kind, path, digest }) => `${kind} ${digest} ${path}`)),
    StatColumn.of(sourceFiles),
    Lists.of(filesOfSource),
    StatColumn.of(kept.files),
    TextColumn.of(tasks.map(({ id }) => id)),
    TextColumn.of(tasks.map(({ key }) => key)),
    TextColumn.of(tasks.map(({ outputs }) => JSON.stringify(outputs))),
    TextColumn.of(tasks.map(({ body }) => body)),
    Uint32Array.from(tasks, ({ ms }) => Math.min(Math.round(ms), 0xffff_ffff)),
    Lists.of(tasks.map(({ upstream }) => upstream)),
    Lists.of(tasks.map(({ sources }) => sources)),
    Lists.of(keptOfTask),
  );
}

/** Every file and folder whose stat key shows whether a source changed. */
export function keyedFiles(
  { path: root, artifact, keys, folders }: SourceState,
): { path: string; key: StatKey }[] {
  const at = (path: string) => (path === "" ? root : `${root}/${path}`);
  return [
    ...artifact.entries.map(({ path }, i) => ({ path: at(path), key: StatKey.parse(keys[i])! })),
    ...folders.map(({ path, key }) => ({ path: at(path), key: StatKey.parse(key)! })),
  ];
}

/** A text of the column of sources. */
export function parseSource(text: string): Omit<SnapshotSource, "files"> {
  const [, kind, digest, path] = /^(\S+) (\S+) (.*)$/s.exec(text)!;
  return { kind: kind as SourceState["kind"], digest: digest as TreeDigest, path };
}

/** A source as a snapshot keeps it. */
export function snapshotSource(state: SourceState): SnapshotSource {
  const unsettled = new Set(state.unsettled);
  const files = keyedFiles(state).map(({ path, key }) => ({
    path,
    key: unsettled.has(path) ? undefined : key,
  }));
  return { kind: state.kind, path: state.path, digest: state.artifact.digest, files };
}

/** Files of the store, each once. */
class KeptFiles {
  readonly files: KeyedFile[] = [];
  readonly #indices = new Map<string, number>();

  constructor(readonly store: Store) {}

  /** The indices of what holds a task's result. */
  of({ key, outputs, kept }: SnapshotTask): number[] {
    if (kept !== undefined) return kept.map((file) => this.#add(file.path, () => file.key));
    return [this.#recordFolder(key), ...Object.values(outputs).flatMap((output) => this.#filesOf(output))];
  }

  /** A record that comes or goes changes its folder. */
  #recordFolder(key: ActionKey): number {
    const path = this.store.records.path(key);
    const folder = path.slice(0, path.lastIndexOf("/"));
    return this.#add(folder, () => StatKey.of(folder));
  }

  #filesOf(output: OutputRef): number[] {
    const indices: number[] = [];
    const packs = new Set<Pack>();
    if (output.file === undefined) {
      const path = this.store.trees.path(output.digest);
      const [packed] = StatKey.ofLink(path) === undefined ? this.store.packs.find("tree", output.digest) : [];
      if (packed !== undefined) packs.add(packed.pack);
      else indices.push(this.#add(path, () => StatKey.of(path)));
    }
    for (const { digest } of this.store.trees.get(output)?.entries ?? []) {
      const [packed] = this.store.packs.find("blob", digest);
      if (packed !== undefined) {
        packs.add(packed.pack);
        continue;
      }
      const path = this.store.blobs.path(digest);
      indices.push(this.#add(path, () => {
        const key = StatKey.ofLink(path);
        return key && this.store.blobs.remembered(digest, key) ? key : undefined;
      }));
    }
    for (const pack of packs) indices.push(this.#add(pack.path, () => this.store.packs.keyOfRight(pack)));
    return indices;
  }

  #add(path: string, keyOf: () => StatKey | undefined): number {
    let index = this.#indices.get(path);
    if (index === undefined) {
      index = this.files.push({ path, key: keyOf() }) - 1;
      this.#indices.set(path, index);
    }
    return index;
  }
}
