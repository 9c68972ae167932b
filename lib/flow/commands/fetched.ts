/** Results of shared caches for commands that read their files. */

import { bytes, count } from "../display/format.ts";
import { note, printJson } from "../display/terminal.ts";
import { FlowError } from "../errors.ts";
import type { PlannedTask } from "../plan/plan.ts";
import { planTasks } from "../plan/plan.ts";
import type { CacheTotals, SharedCache } from "../remote/shared_cache.ts";
import type { OutputRef } from "../store/types.ts";
import type { CommonOptions, OpenWorkflow } from "./open_workflow.ts";

/** Plans all tasks, with the files of all results in the store; a result that can't be fetched is none. */
export async function planFetched(
  { tasks, resolver, history, shared }: OpenWorkflow,
): Promise<PlannedTask[]> {
  for (;;) {
    const planned = await planTasks(tasks, resolver, history);
    const outputs = planned.flatMap((one) => one.state === "kept" ? Object.values(one.record.outputs) : []);
    if (shared === undefined || await shared.bring(outputs)) return planned;
  }
}

/** Fetches outputs of a task. @throws FlowError not-run where they can't be had */
export async function fetchOutputs(
  shared: SharedCache | undefined,
  id: string,
  outputs: readonly OutputRef[],
): Promise<void> {
  if (shared === undefined || await shared.bring(outputs)) return;
  throw new FlowError("not-run", `the result of ${id} can't be fetched from the shared cache: run it`);
}

/** Tells what was moved. */
export function tellTotals(totals: CacheTotals, { json }: CommonOptions): void {
  if (json) return printJson({ event: "cache", ...totals });
  const { found, fetchedBytes, sent, sentBytes } = totals;
  note(
    `shared cache: ${count(found, "result")} found, ${bytes(fetchedBytes)} fetched; ` +
      `${count(sent, "result")} sent, ${bytes(sentBytes)}`,
  );
}
