/** The result of a workflow where a user finds it: `results/<workflow>/` of the store, with the facts of its run. */

import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { ExpandedTask, ExpandedWorkflow } from "../definition/expanded.ts";
import { upstream } from "../key/resolve.ts";
import type { ActionOutcome, RunObserver } from "../events.ts";
import { removeAll } from "../store/layout.ts";
import type { Store } from "../store/store.ts";
import type { ActionKey, OutputRef } from "../store/types.ts";

/** Where a page of the result holds this, the facts of the run are put: the page itself can't know of them. */
export const RUN_FACTS_PLACE = "<!-- the facts of the run -->";

/** Beside the result: the digest of what lies there. */
const PLACED_FILE = "placed.json";

/** One task of the run that made a result. */
export interface RunTaskFacts {
  readonly id: string;
  readonly task: string;
  readonly kind: string;
  readonly key: ActionKey;
  /** `joined`: another run made it meanwhile. */
  readonly outcome: ActionOutcome["outcome"];
  /** What it took, when it was run. */
  readonly ms: number;
  readonly needs: readonly string[];
}

export interface RunFacts {
  readonly run: string;
  readonly workflow: string;
  /** The command that makes the same again. */
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

/**
 * Puts a result in place of an earlier one; where the same one lies there, it stays as it is, with the facts of the run
 * that made it.
 *
 * @returns the path to open: the folder's page or single file, or the folder
 */
export function placeResult(
  store: Store,
  { name }: Pick<ExpandedWorkflow, "name">,
  output: OutputRef,
  facts: () => RunFacts,
): string {
  const folder = join(store.folder, "results", name);
  const entries = store.artifact(output)?.entries ?? [];
  const names = entries.map(({ path }) => path || "result");
  const open = names.includes("index.html") ? "index.html" : names.length === 1 ? names[0] : "";
  if (placedDigest(folder) === output.digest) return join(folder, open);
  removeAll(folder);
  for (const [i, { digest }] of entries.entries()) {
    const path = join(folder, names[i]);
    mkdirSync(dirname(path), { recursive: true });
    const bytes = readFileSync(store.blobPath(digest));
    writeFileSync(path, path.endsWith(".html") ? withFacts(bytes.toString(), facts()) : bytes);
  }
  writeFileSync(join(folder, PLACED_FILE), `${JSON.stringify({ digest: output.digest })}\n`);
  return join(folder, open);
}

function withFacts(page: string, facts: RunFacts): string {
  const json = JSON.stringify(facts).replaceAll("<", "\\u003c");
  return page.replace(RUN_FACTS_PLACE, () => `<script type="application/json" id="run">${json}</script>`);
}

function placedDigest(folder: string): string | undefined {
  try {
    return JSON.parse(readFileSync(join(folder, PLACED_FILE), "utf8")).digest;
  } catch {
    return undefined;
  }
}
