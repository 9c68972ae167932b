/** The copy of a workflow's result in `results/` of the store, with the facts of its run. */

import { LAYOUT, makeFolder } from "../store/layout.ts";
import { dirname, join } from "node:path";
import type { ExpandedWorkflow, ResultRef } from "../definition/expanded.ts";
import type { RunFactsDeclaration } from "../kind.ts";
import { sha256Hex } from "../store/digest.ts";
import { storeError } from "../store/io.ts";
import { writeWhole } from "../store/plain_file.ts";
import type { Store } from "../store/store.ts";
import { type OutputRef, StoreError, type TreeEntry } from "../store/types.ts";
import { PlacedFolder } from "./placed_folder.ts";
import { resultName } from "./result_name.ts";
import type { RunFacts } from "./run_facts.ts";

const POLL_MS = 20;
/** Placing copies files; a process that takes longer than this has hung. */
const LONGEST_WAIT_MS = 60_000;

/** Where a result of a workflow is placed. */
export function resultFolder(
  store: Store,
  workflow: Pick<ExpandedWorkflow, "name" | "overrides">,
  result: Pick<ResultRef, "member">,
): string {
  return join(store.folder, LAYOUT.results, resultName(workflow, result));
}

/** The facts of the run that makes a result, and where the result takes them. */
export interface PlacedFacts extends Omit<RunFactsDeclaration, "output"> {
  readonly facts: RunFacts;
}

/** Where a result was placed. */
export interface Placed {
  /** The path to open: the folder's page or single file, or the folder. */
  readonly open: string;
  /** What a person should know: files in its place that were not the result's. */
  readonly problem?: string;
}

/**
 * Puts a result in place of an earlier one. If the same result is there and unedited, by its stat keys, it stays as it
 * is, with the facts of the run that placed it. Concurrent runs place one after another, each a whole result.
 *
 * @param folder where it is placed, see {@link resultFolder}
 * @param facts called only if the result is placed; undefined for a result that takes no facts
 * @throws StoreError store-io where the result is damaged, store-busy, store-disk-full, …
 */
export async function placeResult(
  store: Store,
  folder: string,
  output: OutputRef,
  facts: () => Promise<PlacedFacts | undefined>,
): Promise<Placed> {
  const artifact = store.artifact(output);
  if (!artifact) throw damagedResult();
  const names = artifact.entries.map(({ path }) => path || "result");
  const page = names.includes("index.html") ? "index.html" : names.length === 1 ? names[0] : "";
  const open = join(folder, page);
  const placed = new PlacedFolder(store, folder);
  if (placed.isUntouched(output.digest)) return { open };
  return await alone(store, folder, async () => {
    if (await placed.isSame(output.digest)) return { open };
    if ((await store.blobs.check(artifact.entries)).length > 0) throw damagedResult();
    const inserted = await facts();
    const aside = await placed.replace(output.digest, (target) => {
      Deno.mkdirSync(target);
      artifact.entries.forEach((entry, i) => {
        placeFile(
          store,
          entry,
          join(target, names[i]),
          inserted && isNamed(entry.path, inserted.file) ? inserted : undefined,
        );
      });
    });
    if (aside === undefined) return { open };
    return { open, problem: `${folder} held files that no run had placed there; they are in ${aside}` };
  });
}

function isNamed(path: string, file: string | RegExp): boolean {
  return typeof file === "string" ? path === file : file.test(path);
}

function placeFile(
  store: Store,
  { digest, executable }: TreeEntry,
  path: string,
  inserted: PlacedFacts | undefined,
): void {
  makeFolder(dirname(path));
  const text = inserted && withFacts(store.bytes.text(digest), inserted);
  if (text === undefined) store.bytes.copy(digest, path);
  else writeWhole(path, text);
  Deno.chmodSync(path, executable ? 0o755 : 0o644);
}

/** The text with the facts in place of the placeholder; undefined where it has none. */
function withFacts(text: string, { placeholder, facts, select }: PlacedFacts): string | undefined {
  if (!text.includes(placeholder)) return undefined;
  const json = JSON.stringify(select ? select(facts as never, text) : facts).replaceAll("<", "\\u003c");
  return text.replaceAll(placeholder, () => json);
}

/** Does `work` while no other process works on the same place. */
async function alone<T>(store: Store, place: string, work: () => Promise<T>): Promise<T> {
  const name = `place-${sha256Hex(place)}`;
  for (let waitedMs = 0;; waitedMs += POLL_MS) {
    const claim = store.leases.try(name);
    if ("lease" in claim) {
      try {
        return await work();
      } catch (error) {
        throw storeError(`place the result at ${place}`, error);
      } finally {
        claim.lease.release();
      }
    }
    if (waitedMs > LONGEST_WAIT_MS) {
      const { pid, host } = claim.holder;
      throw new StoreError("store-busy", `process ${pid} on ${host} is placing a result at ${place}`);
    }
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

function damagedResult(): StoreError {
  return new StoreError("store-io", "the result of the workflow is damaged; run it again to rebuild it");
}
