/** Looks up a result where a variable that its kind may read is not set: then that of the last run is meant. */

import type { History } from "../history/history.ts";
import type { ResolvedTask } from "../key/resolve.ts";
import { actionKey } from "../store/manifest.ts";
import type { Store } from "../store/store.ts";

/** The task with the variables that are not set here as its newest kept result had them, where there is one. */
export function withLastEnvironment(resolved: ResolvedTask, history: History, store: Store): ResolvedTask {
  const { task, kind, manifest } = resolved;
  const unset = kind.variables.filter((name) => !Object.hasOwn(kind.environment, name));
  if (unset.length === 0) return resolved;
  for (const { key } of history.of(task.id).toReversed()) {
    const { environment } = store.getRecord(key)?.manifest ?? {};
    const lasting = Object.entries(environment ?? {}).filter(([name]) => unset.includes(name));
    if (lasting.length === 0) continue;
    const as = { ...manifest, environment: { ...kind.environment, ...Object.fromEntries(lasting) } };
    if (actionKey(as) === key) return { ...resolved, manifest: as, key };
  }
  return resolved;
}
