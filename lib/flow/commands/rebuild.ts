/** Runs a task again in a separate store, to compare with the cached result. */

import { join } from "node:path";
import { FlowError } from "../errors.ts";
import type { ResolvedTask } from "../key/resolve.ts";
import type { RunObserver } from "../events.ts";
import { runTask } from "../run/task.ts";
import { Store } from "../store/store.ts";
import type { ActionRecord } from "../store/types.ts";
import type { Tracer } from "../trace/tracer.ts";
import { compareResults, type ResultComparison } from "./compare_results.ts";
import type { OpenWorkflow } from "./open_workflow.ts";
import { withEngine } from "./with_engine.ts";

/** Used instead of a run id, since rebuilds are in no journal. */
export const REBUILD = "rebuild";

/**
 * Runs a task with all its items or steps, and compares each cached result. `ms` is the duration of the run.
 *
 * @throws FlowError rebuild-failed, source-changing, interrupted
 */
export async function rebuildTask(
  opened: OpenWorkflow,
  resolved: ResolvedTask,
  kept: ActionRecord,
  observer: RunObserver,
  tracer?: Tracer,
): Promise<ResultComparison & { readonly ms: number }> {
  const { store } = opened;
  const folder = store.workFolder("rebuild");
  // A separate store, so that no cached state or item is taken for the new result.
  const fresh = Store.open(join(folder, "store"), "rebuild");
  try {
    const options = { store: fresh, inputStore: store, run: REBUILD, observer };
    const result = await withEngine(
      opened,
      options,
      (engine) => runTask({ ...engine, tracer }, resolved, "verify --rebuild"),
    );
    if (result.result === "failed") {
      throw new FlowError(
        "rebuild-failed",
        `${resolved.task.id} failed when it was run again: ${result.reason}`,
      );
    }
    if (result.result === "drifted") {
      throw new FlowError("source-changing", `${result.paths.join(", ")} changed meanwhile`);
    }
    if (result.result === "interrupted") throw new FlowError("interrupted", "interrupted");
    const { tolerance = {} } = await resolved.kind.load();
    const comparison = compareResults({ kept: store, fresh, key: kept.key, tolerances: tolerance });
    return { ...comparison, ms: result.ms };
  } finally {
    fresh.close();
    await store.removeFolder(folder);
  }
}
