/** Trees on disk: the list of a folder's files, under the digest of the list; an item's is in a pack. */
import { isTreeDigest, treeText } from "./digest.ts";
import { flushed } from "./late_refusals.ts";
import { keyNow } from "./late_view.ts";
import { inFolderOf, LAYOUT, namesIn, shardedName } from "./layout.ts";
import type { Packs } from "./packs.ts";
import { parseTree } from "./parse_tree.ts";
import { isNotPlain } from "./plain_file.ts";
import type { Quarantine } from "./quarantine.ts";
import { readIfThere } from "./small_files.ts";
import { StatKey } from "./stat_key.ts";
import type { Artifact, Damage, OutputRef, TreeDigest } from "./types.ts";

export class Trees {
  constructor(readonly folder: string, readonly quarantine: Quarantine, readonly packs: Packs) {}

  /** Where a tree is, unless it is in a pack. */
  path(digest: TreeDigest): string {
    return `${this.folder}/${shardedName(LAYOUT.trees, digest)}`;
  }

  /** The trees that are files. */
  all(): Generator<TreeDigest> {
    return namesIn(this.folder, LAYOUT.trees, isTreeDigest);
  }

  /** The texts of all trees by digest, as they are. */
  *texts(): Generator<[digest: TreeDigest, text: () => string]> {
    const decoder = new TextDecoder();
    for (const digest of this.all()) {
      yield [digest, () => decoder.decode(readIfThere(this.path(digest)))];
    }
    for (const pack of this.packs.all()) {
      for (const { kind, digest, at, size } of pack.places()) {
        if (kind === "tree") yield [digest as TreeDigest, () => decoder.decode(pack.bytes(at, size))];
      }
    }
  }

  /** The files of an output; undefined if the tree is missing. A damaged one is quarantined. */
  get(output: OutputRef): Artifact | undefined {
    if (output.file !== undefined) return { digest: output.digest, entries: [output.file] };
    return this.#getFile(output.digest) ?? this.#getPacked(output.digest);
  }

  /** As `get`, of what another machine may have written a moment ago. */
  getNow(output: OutputRef): Artifact | undefined {
    this.packs.refresh();
    keyNow(this.path(output.digest));
    return this.get(output);
  }

  /** A tree that is a file, or its damage. */
  read(digest: TreeDigest): Artifact | Damage | undefined {
    try {
      const bytes = readIfThere(this.path(digest));
      return bytes && parseTree(digest, bytes);
    } catch (error) {
      if (isNotPlain(error)) return { what: "tree", digest, reason: "it is not a regular file" };
      throw error;
    }
  }

  setAside(damage: Damage): Damage {
    return this.quarantine.set(shardedName(LAYOUT.trees, damage.digest), damage);
  }

  /** Keeps the list of a folder's files, as a file. */
  put(artifact: Artifact, temporary: string): void {
    const path = this.path(artifact.digest);
    if (StatKey.ofLink(path) !== undefined && this.#getFile(artifact.digest)) return;
    Deno.writeTextFileSync(temporary, treeText(artifact.entries), { createNew: true, mode: 0o444 });
    flushed(temporary);
    inFolderOf(path, () => Deno.renameSync(temporary, path));
  }

  #getFile(digest: TreeDigest): Artifact | undefined {
    const found = this.read(digest);
    return found !== undefined && "what" in found ? void this.setAside(found) : found;
  }

  #getPacked(digest: TreeDigest): Artifact | undefined {
    return this.packs.take("tree", digest, (bytes) => {
      const found = parseTree(digest, bytes);
      if ("what" in found) throw new Error(found.reason);
      return found;
    });
  }
}
