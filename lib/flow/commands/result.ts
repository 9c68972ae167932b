/** The result of a workflow where a user finds it: `results/<workflow>/` of the store, with the facts of its run. */

import { LAYOUT } from "../store/layout.ts";
import { dirname, join } from "node:path";
import type { ExpandedTask, ExpandedWorkflow } from "../definition/expanded.ts";
import { upstream } from "../key/resolve.ts";
import type { ActionOutcome, RunObserver } from "../events.ts";
import { sha256Hex } from "../store/digest.ts";
import { storeError } from "../store/io.ts";
import type { Store } from "../store/store.ts";
import { type ActionKey, type OutputRef, StoreError, type TreeEntry } from "../store/types.ts";
import { PlacedFolder } from "./placed_folder.ts";

/** Where a page of the result holds this, the facts of the run are put: the page itself can't know of them. */
export const RUN_FACTS_PLACE = "<!-- the facts of the run -->";

const POLL_MS = 20;
/** Placing is copying: whoever takes longer than that does not go on. */
const LONGEST_WAIT_MS = 60_000;

/** One task of the run that made a result. */
export interface RunTaskFacts {
  readonly id: string;
  readonly task: string;
  readonly kind: string;
  readonly key: ActionKey;
  /** `joined`: another run made it meanwhile. */
  readonly outcome: ActionOutcome["outcome"];
  /** Its duration when it was run. */
  readonly ms: number;
  readonly needs: readonly string[];
}

export interface RunFacts {
  readonly run: string;
  readonly workflow: string;
  /** The command that makes reproduced. */
  readonly command: string;
  readonly tasks: readonly RunTaskFacts[];
}

/** Remembers how the tasks of a run ended. */
export class RunOutcomes implements RunObserver {
  readonly #outcomes = new Map<string, Pick<RunTaskFacts, "outcome" | "key" | "ms">>();

  actionEnded(ended: ActionOutcome): void {
    if (ended.outcome === "failed" || ended.outcome === "skipped") return;
    const { id, key, outcome } = ended;
    this.#outcomes.set(id, { key, outcome, ms: outcome === "ran" ? ended.ms : ended.savedMs });
  }

  allReused(ids: readonly string[], keys: readonly ActionKey[], savedMs: readonly number[]): void {
    ids.forEach((id, i) => this.#outcomes.set(id, { key: keys[i], outcome: "reused", ms: savedMs[i] }));
  }

  /** Of those of `tasks` that the run had to do with. */
  facts(tasks: readonly ExpandedTask[]): RunTaskFacts[] {
    return tasks.flatMap((task) => {
      const ended = this.#outcomes.get(task.id);
      return ended
        ? [{ id: task.id, task: task.task, kind: task.kind, ...ended, needs: upstream(task) }]
        : [];
    });
  }
}

/** Where the result of a workflow is placed. */
export function resultFolder(store: Store, workflow: string): string {
  return join(store.folder, LAYOUT.results, workflow);
}

/** Where a result was placed. */
export interface Placed {
  /** The path to open: the folder's page or single file, or the folder. */
  readonly open: string;
  /** What a person should know: files in its place that were not the result's. */
  readonly problem?: string;
}

/**
 * Puts a result in place of an earlier one. Where the same one lies there, as it was placed, it stays with the facts of
 * the run that made it: that is seen by stat keys. Several runs place one after another, each the whole of its own.
 *
 * @throws StoreError store-io where the result is damaged, store-busy, store-disk-full, …
 */
export async function placeResult(
  store: Store,
  { name }: Pick<ExpandedWorkflow, "name">,
  output: OutputRef,
  facts: () => RunFacts,
): Promise<Placed> {
  const folder = resultFolder(store, name);
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
    const aside = await placed.replace(output.digest, (target) => {
      Deno.mkdirSync(target);
      artifact.entries.forEach((entry, i) => placeFile(store, entry, join(target, names[i]), facts));
    });
    if (aside === undefined) return { open };
    return { open, problem: `${folder} held files that no run had placed there; they are in ${aside}` };
  });
}

function placeFile(
  store: Store,
  { digest, executable }: TreeEntry,
  path: string,
  facts: () => RunFacts,
): void {
  const blob = store.blobPath(digest);
  Deno.mkdirSync(dirname(path), { recursive: true });
  if (path.endsWith(".html")) Deno.writeTextFileSync(path, withFacts(Deno.readTextFileSync(blob), facts()));
  else Deno.copyFileSync(blob, path);
  Deno.chmodSync(path, executable ? 0o755 : 0o644);
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

function withFacts(page: string, facts: RunFacts): string {
  const json = JSON.stringify(facts).replaceAll("<", "\\u003c");
  return page.replace(RUN_FACTS_PLACE, () => `<script type="application/json" id="run">${json}</script>`);
}
