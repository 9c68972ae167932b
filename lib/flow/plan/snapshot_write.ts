/** Makes the columns of a plan snapshot from a finished plan. */
import { preciseNow } from "../store/settle.ts";
import { StatKey } from "../store/stat_key.ts";
import type { Store } from "../store/store.ts";
import type { ActionKey, OutputRef, SourceState } from "../store/types.ts";
import { Lists } from "./lists.ts";
import { SnapshotColumns } from "./snapshot_columns.ts";
import { type KeyedFile, StatColumn } from "./stat_column.ts";
import { TextColumn } from "./text_column.ts";

/** A task that has a result. */
export interface SnapshotTask {
  readonly id: string;
  /** Of the action whose outputs are the task's. */
  readonly key: ActionKey;
  readonly outputs: Readonly<Record<string, OutputRef>>;
  /** Whatever its planner needs to plan it anew, as JSON. */
  readonly body: string;
  /** Indices of the tasks and sources that it takes inputs from. */
  readonly upstream: readonly number[];
  readonly sources: readonly number[];
}

export interface SnapshotContent {
  /** What the planner wants to know of the workflow, as JSON. */
  readonly head: string;
  /** The files that decide what the workflow is and what its kinds do (absolute), as they were when it was planned. */
  readonly code: readonly CodeFile[];
  readonly sources: readonly SourceState[];
  /** In topological order. */
  readonly tasks: readonly SnapshotTask[];
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
  const filesOfSource = sources.map((source) => {
    const start = sourceFiles.length;
    for (const { path, key } of keyedFiles(source)) {
      sourceFiles.push({ path, key: settling.trusts(key, source.readAt) ? key : undefined });
    }
    return sourceFiles.slice(start).map((_, i) => start + i);
  });

  const kept = new KeptFiles(store);
  const keptOfTask = tasks.map(({ key, outputs }) => [
    kept.recordFolder(key),
    ...Object.values(outputs).flatMap((output) => kept.filesOf(output)),
  ]);
  return new SnapshotColumns(
    TextColumn.of([store.folder]),
    TextColumn.of([content.head]),
    StatColumn.of(code.map(({ path, key }) => ({ path, key: settling.trusts(key, now) ? key : undefined }))),
    TextColumn.of(code.map(({ digest }) => digest)),
    TextColumn.of(sources.map(({ kind, path, artifact }) => `${kind} ${artifact.digest} ${path}`)),
    StatColumn.of(sourceFiles),
    Lists.of(filesOfSource),
    StatColumn.of(kept.files),
    TextColumn.of(tasks.map(({ id }) => id)),
    TextColumn.of(tasks.map(({ key }) => key)),
    TextColumn.of(tasks.map(({ outputs }) => JSON.stringify(outputs))),
    TextColumn.of(tasks.map(({ body }) => body)),
    Lists.of(tasks.map(({ upstream }) => upstream)),
    Lists.of(tasks.map(({ sources }) => sources)),
    Lists.of(keptOfTask),
  );
}

/** Every file and folder whose stat key tells that a source is as it was. */
export function keyedFiles(
  { path: root, artifact, keys, folders }: SourceState,
): { path: string; key: StatKey }[] {
  const at = (path: string) => (path === "" ? root : `${root}/${path}`);
  return [
    ...artifact.entries.map(({ path }, i) => ({ path: at(path), key: StatKey.parse(keys[i])! })),
    ...folders.map(({ path, key }) => ({ path: at(path), key: StatKey.parse(key)! })),
  ];
}

/** Files of the store, each once. */
class KeptFiles {
  readonly files: KeyedFile[] = [];
  readonly #indices = new Map<string, number>();

  constructor(readonly store: Store) {}

  /** A record that comes or goes changes its folder. */
  recordFolder(key: ActionKey): number {
    const path = this.store.records.path(key);
    const folder = path.slice(0, path.lastIndexOf("/"));
    return this.#add(folder, () => StatKey.of(folder));
  }

  filesOf(output: OutputRef): number[] {
    const indices: number[] = [];
    if (output.file === undefined) {
      const path = this.store.trees.path(output.digest);
      indices.push(this.#add(path, () => StatKey.of(path)));
    }
    for (const { digest } of this.store.trees.get(output)?.entries ?? []) {
      const path = this.store.blobs.path(digest);
      indices.push(this.#add(path, () => {
        const key = StatKey.ofLink(path);
        return key && this.store.blobs.remembered(digest, key) ? key : undefined;
      }));
    }
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
