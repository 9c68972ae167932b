/** What is wrong with the bytes of an entry of a pack. */
import { digestBytes } from "./digest.ts";
import type { PackedPlace } from "./pack_format.ts";
import { parseRecord } from "./parse_record.ts";
import { parseTree } from "./parse_tree.ts";
import type { ActionKey, TreeDigest } from "./types.ts";

/** Undefined where they are right. */
export function problemOf(
  { kind, digest }: Pick<PackedPlace, "kind" | "digest">,
  bytes: Uint8Array,
): string | undefined {
  if (kind === "blob") {
    const actual = digestBytes(bytes);
    return actual === digest ? undefined : `its bytes have the digest ${actual}`;
  }
  if (kind === "tree") {
    const found = parseTree(digest as TreeDigest, bytes);
    return "what" in found ? found.reason : undefined;
  }
  try {
    parseRecord(digest as ActionKey, bytes);
  } catch (error) {
    return (error as Error).message;
  }
}
