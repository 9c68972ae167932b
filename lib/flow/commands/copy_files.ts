/** The files of an output as files of the user: writable, and sharing nothing with the store. */

import { makeFolder } from "../store/layout.ts";
import { dirname, join } from "node:path";
import type { Store } from "../store/store.ts";
import type { Artifact } from "../store/types.ts";

/** Copies to `target`, at which nothing is yet: a folder, or a file where the output is one. */
export function copyFiles(store: Store, { entries }: Artifact, target: string): void {
  if (entries.length === 0) makeFolder(target);
  for (const entry of entries) {
    const path = join(target, entry.path);
    makeFolder(dirname(path));
    store.bytes.copy(entry.digest, path);
    Deno.chmodSync(path, entry.executable ? 0o755 : 0o644);
  }
}
