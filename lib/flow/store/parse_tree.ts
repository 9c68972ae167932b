/** Reads the text of a tree, which is believed only where it has the digest and names that can be. */
import { artifactOf, sha256Hex } from "./digest.ts";
import { collision, nameProblem } from "./names.ts";
import { isEntry } from "./parse_record.ts";
import type { Artifact, Damage, TreeDigest, TreeEntry } from "./types.ts";

/** A tree from the bytes of its text, or what is wrong with it. */
export function parseTree(digest: TreeDigest, bytes: Uint8Array): Artifact | Damage {
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
