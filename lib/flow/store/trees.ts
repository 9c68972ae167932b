/** Trees on disk: the list of a folder's files, under the digest of the list. */
import { artifactOf, isTreeDigest, sha256Hex, treeText } from "./digest.ts";
import { inFolderOf, LAYOUT, namesIn, shardedName } from "./layout.ts";
import { collision, nameProblem } from "./names.ts";
import type { Quarantine } from "./quarantine.ts";
import { isEntry } from "./records.ts";
import { readIfThere } from "./small_files.ts";
import { StatKey } from "./stat_key.ts";
import type { Artifact, Damage, OutputRef, TreeDigest, TreeEntry } from "./types.ts";

export class Trees {
  constructor(readonly folder: string, readonly quarantine: Quarantine) {}

  path(digest: TreeDigest): string {
    return `${this.folder}/${shardedName(LAYOUT.trees, digest)}`;
  }

  all(): Generator<TreeDigest> {
    return namesIn(this.folder, LAYOUT.trees, isTreeDigest);
  }

  /** The files of an output; undefined if the tree is missing. A damaged one is quarantined. */
  get(output: OutputRef): Artifact | undefined {
    if (output.file !== undefined) return { digest: output.digest, entries: [output.file] };
    const found = this.read(output.digest);
    return found !== undefined && "what" in found ? void this.setAside(found) : found;
  }

  /** A tree, or its damage. */
  read(digest: TreeDigest): Artifact | Damage | undefined {
    const path = this.path(digest);
    if (StatKey.ofLink(path)?.isFile !== true) return undefined;
    const bytes = readIfThere(path);
    return bytes && parseTree(digest, bytes);
  }

  /** Keeps the text of a tree that came from elsewhere, unless something is wrong with it. */
  take(digest: TreeDigest, bytes: Uint8Array, temporary: () => string): Artifact | Damage {
    const found = parseTree(digest, bytes);
    if ("entries" in found) this.put(found, temporary());
    return found;
  }

  setAside(damage: Damage): Damage {
    return this.quarantine.set(shardedName(LAYOUT.trees, damage.digest), damage);
  }

  /** Keeps the list of a folder's files. */
  put(artifact: Artifact, temporary: string): void {
    const path = this.path(artifact.digest);
    if (StatKey.ofLink(path) !== undefined && this.get({ digest: artifact.digest, files: 0, bytes: 0 })) {
      return;
    }
    Deno.writeTextFileSync(temporary, treeText(artifact.entries), { createNew: true, mode: 0o444 });
    inFolderOf(path, () => Deno.renameSync(temporary, path));
  }
}

function parseTree(digest: TreeDigest, bytes: Uint8Array): Artifact | Damage {
  const damage = (reason: string): Damage => ({ what: "tree", digest, reason });
  if (sha256Hex(bytes) !== digest) return damage("its text has another digest");
  // The digest was computed by whoever wrote the record, so the text is still not trusted.
  try {
    const { tree } = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes)) as {
      tree: TreeEntry[];
    };
    const problem = treeProblem(tree);
    return problem === undefined ? { digest, entries: tree } : damage(problem);
  } catch (error) {
    return damage((error as Error).message);
  }
}

function treeProblem(entries: readonly TreeEntry[]): string | undefined {
  if (!Array.isArray(entries)) return "it is not a list of files";
  for (const entry of entries) {
    if (!isEntry(entry)) return "one of its entries is invalid";
    const problem = nameProblem(entry.path);
    if (problem !== undefined) return `its file ${JSON.stringify(entry.path)}: ${problem}`;
  }
  const pair = collision(entries.map(({ path }) => path));
  if (pair !== undefined) {
    return `its files ${pair.map((path) => JSON.stringify(path)).join(" and ")} collide`;
  }
  const { entries: sorted } = artifactOf(entries);
  return sorted.every((entry, i) => entry === entries[i]) ? undefined : "its entries are not sorted";
}
