/** The logs of a chain: one for each segment that was run, in the order of the steps. */

import { failedLogPath } from "../store/layout.ts";
import { isThere } from "../../system/is_there.ts";
import { actionKey } from "../store/manifest.ts";
import type { Store } from "../store/store.ts";
import type { ActionKey, Manifest } from "../store/types.ts";

/** The log of a segment. */
export interface StepLog {
  readonly key: ActionKey;
  /** The file that holds it. */
  readonly path: string;
}

/**
 * The logs of all steps up to that of `manifest`, which is of a task that is a chain; the last may be of a segment that
 * failed.
 */
export async function chainLogs(store: Store, manifest: Manifest): Promise<StepLog[]> {
  const logs: StepLog[] = [];
  for (let step = 1; step <= (manifest.step ?? 0); step++) {
    const key = actionKey({ ...manifest, step });
    const record = store.getRecord(key);
    const log = record?.facts.log;
    const kept = log === undefined ? undefined : await store.fileOf(log);
    const failed = failedLogPath(store.folder, key);
    if (kept !== undefined) logs.push({ key, path: kept });
    else if (!record && isThere(failed)) logs.push({ key, path: failed });
  }
  return logs;
}
