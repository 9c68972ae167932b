/** The columns of a plan snapshot. */
import type { ActionKey } from "../store/types.ts";
import { Lists } from "./lists.ts";
import { bytesOf, type Sections, wordsOf } from "./sections.ts";
import { StatColumn } from "./stat_column.ts";
import { TextColumn } from "./text_column.ts";

export class SnapshotColumns {
  constructor(
    /** One text: the folder of the store. */
    readonly store: TextColumn,
    /** One text, the planner's. */
    readonly head: TextColumn,
    readonly code: StatColumn,
    readonly codeDigests: TextColumn,
    /** `file` or `folder`, digest and path of each source. */
    readonly sources: TextColumn,
    /** Files and folders of the user. */
    readonly sourceFiles: StatColumn,
    /** Indices in `sourceFiles`, by source. */
    readonly filesOfSource: Lists,
    /** Blobs, trees, and the folders of records. */
    readonly kept: StatColumn,
    readonly ids: TextColumn,
    readonly keys: TextColumn<ActionKey>,
    readonly outputs: TextColumn,
    readonly bodies: TextColumn,
    /** By task, in milliseconds. */
    readonly took: Uint32Array<ArrayBuffer>,
    /** By task: indices of tasks, of sources, and in `kept`. */
    readonly upstream: Lists,
    readonly sourcesOfTask: Lists,
    readonly keptOfTask: Lists,
  ) {}

  static from(sections: Sections): SnapshotColumns {
    const texts = <Text extends string>(name: string) => TextColumn.from<Text>(sections, name);
    const stats = (name: string) => StatColumn.from(sections, name);
    const lists = (name: string) => Lists.from(sections, name);
    return new SnapshotColumns(
      texts("store"),
      texts("head"),
      stats("code"),
      texts("code digests"),
      texts("sources"),
      stats("source files"),
      lists("files of source"),
      stats("kept"),
      texts("ids"),
      texts("keys"),
      texts("outputs"),
      texts("bodies"),
      wordsOf(sections.get("took")!),
      lists("upstream"),
      lists("sources of task"),
      lists("kept of task"),
    );
  }

  toSections(): Sections {
    const sections: Sections = new Map();
    this.store.addTo(sections, "store");
    this.head.addTo(sections, "head");
    this.code.addTo(sections, "code");
    this.codeDigests.addTo(sections, "code digests");
    this.sources.addTo(sections, "sources");
    this.sourceFiles.addTo(sections, "source files");
    this.filesOfSource.addTo(sections, "files of source");
    this.kept.addTo(sections, "kept");
    this.ids.addTo(sections, "ids");
    this.keys.addTo(sections, "keys");
    this.outputs.addTo(sections, "outputs");
    this.bodies.addTo(sections, "bodies");
    sections.set("took", bytesOf(this.took));
    this.upstream.addTo(sections, "upstream");
    this.sourcesOfTask.addTo(sections, "sources of task");
    this.keptOfTask.addTo(sections, "kept of task");
    return sections;
  }
}
