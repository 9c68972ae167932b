/** Files of the store that are part of an output as they are, beside those that a task has written. */
import type { Listing } from "./file_tree.ts";
import { collision, nameProblem } from "./names.ts";
import type { StoreParts } from "./parts.ts";
import { StoreError, type TreeEntry } from "./types.ts";

interface Outputs {
  readonly kept?: Readonly<Record<string, readonly TreeEntry[]>>;
}

/** Those of an output. */
export function keptIn({ kept }: Outputs, name: string): readonly TreeEntry[] {
  return kept?.[name] ?? [];
}

/** @throws StoreError store-io where one of them is damaged */
export async function requireKept(store: StoreParts, { kept = {} }: Outputs): Promise<void> {
  const [damage] = await store.blobs.check(Object.values(kept).flat());
  if (damage === undefined) return;
  throw new StoreError(
    "store-io",
    `the store's blob ${damage.digest} can't be used, ${damage.reason}: run again to rebuild it`,
  );
}

/** Files of the store were not listed with those that the task wrote, and may not stand for the same names. */
export function refuseKept(
  listing: Listing | undefined,
  kept: readonly TreeEntry[],
  refuse: (problems: string) => StoreError,
): void {
  if (listing?.kind === "file") {
    throw refuse("it is a file; expected a folder, which takes the items' results");
  }
  for (const { path } of kept) {
    const problem = nameProblem(path);
    if (problem !== undefined) throw refuse(`${JSON.stringify(path)}: ${problem}`);
  }
  const pair = collision([...listing?.files ?? [], ...kept].map(({ path }) => path));
  if (pair === undefined) return;
  const [one, other] = pair.map((path) => JSON.stringify(path));
  throw refuse(`${other} can't be distinguished from ${one} everywhere: rename or remove one of them`);
}
