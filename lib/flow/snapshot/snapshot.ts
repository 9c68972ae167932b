/** Plan snapshots: everything a finished plan depends on, with stat keys, so that the next plan only checks for changes. */
import { sha256Hex } from "../store/digest.ts";
import { storeError } from "../store/io.ts";
import { inFolderOf, LAYOUT } from "../store/layout.ts";
import type { Store } from "../store/store.ts";
import { StoreError } from "../store/types.ts";
import { readSections, type Sections, writeSections } from "./sections.ts";
import { checkSnapshot, type SnapshotChanges } from "./snapshot_check.ts";
import { SnapshotColumns } from "./snapshot_columns.ts";
import {
  parseSource,
  snapshotColumns,
  type SnapshotContent,
  type SnapshotSource,
  type SnapshotTask,
} from "./snapshot_write.ts";

/** Raised when an older snapshot would be misread. */
const SCHEMA = 2;

export class PlanSnapshot {
  private constructor(readonly path: string, readonly columns: SnapshotColumns) {}

  /**
   * The snapshot written under `name`; undefined if there is none, it is damaged, or the store was moved.
   *
   * @param name identifies the plan: workflow, tasks, overrides, device, versions
   */
  static load(store: Store, name: string): PlanSnapshot | undefined {
    const path = snapshotPath(store, name);
    const sections = readSections(path);
    if (sections === undefined) return undefined;
    const columns = SnapshotColumns.from(sections);
    return columns.store.at(0) === store.folder ? new PlanSnapshot(path, columns) : undefined;
  }

  static write(store: Store, name: string, content: SnapshotContent): void {
    save(snapshotPath(store, name), snapshotColumns(store, content).toSections());
  }

  /** The number of tasks. */
  get size(): number {
    return this.columns.ids.length;
  }

  get head(): string {
    return this.columns.head.at(0);
  }

  task(i: number): SnapshotTask {
    const { ids, keys, kept, bodies, took, upstream, sourcesOfTask, keptOfTask } = this.columns;
    return {
      id: ids.at(i),
      key: keys.at(i),
      outputs: this.outputs(i),
      kept: Array.from(keptOfTask.of(i), (file) => kept.at(file)),
      body: bodies.at(i),
      ms: took[i],
      upstream: [...upstream.of(i)],
      sources: [...sourcesOfTask.of(i)],
    };
  }

  outputs(i: number): SnapshotTask["outputs"] {
    return JSON.parse(this.columns.outputs.at(i));
  }

  source(i: number): SnapshotSource {
    const { sources, sourceFiles, filesOfSource } = this.columns;
    return {
      ...parseSource(sources.at(i)),
      files: Array.from(filesOfSource.of(i), (file) => sourceFiles.at(file)),
    };
  }

  /** What changed since. Where files were only touched, the snapshot is written again with their new keys. */
  async check(store: Store): Promise<SnapshotChanges> {
    const changes = await checkSnapshot(store, this.columns);
    if (changes.touched && changes.code.length === 0) save(this.path, this.columns.toSections());
    return changes;
  }
}

function snapshotPath(store: Store, name: string): string {
  return `${store.folder}/${LAYOUT.snapshots}/${sha256Hex(`${SCHEMA} ${name}`)}`;
}

/** A snapshot only saves time: a disk that is full or can't be written to is no reason to stop. */
function save(path: string, sections: Sections): void {
  try {
    inFolderOf(path, () => writeSections(path, sections));
  } catch (error) {
    if (!(storeError("write a plan snapshot", error) instanceof StoreError)) throw error;
  }
}
