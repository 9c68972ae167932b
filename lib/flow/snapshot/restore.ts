/**
 * Restores a damaged record from the plan that was remembered with it. A run that finds nothing changed looks at the
 * files of its results, and not at each record, so it calls a result reused whose record is damaged; that stays true.
 */
import type { ResolvedTask } from "../key/resolve.ts";
import { storeError } from "../store/io.ts";
import { entriesOf, LAYOUT } from "../store/layout.ts";
import { StatKey } from "../store/stat_key.ts";
import type { Store } from "../store/store.ts";
import { type ActionKey, type ActionRecord, type Damage, StoreError } from "../store/types.ts";
import { readSections } from "./sections.ts";
import { SnapshotColumns } from "./snapshot_columns.ts";

/**
 * The record of a task, written anew where it is damaged: what the key is made of is known, and a remembered plan names
 * the outputs. Of the facts only the time it took and when it was kept are left. The outputs are not checked.
 *
 * @param damage what is wrong with the record, which is set aside
 * @returns undefined where no plan remembers it
 */
export function restoreRecord(
  store: Store,
  { key, manifest }: ResolvedTask,
  damage: Damage,
): ActionRecord | undefined {
  const keptAt = StatKey.ofLink(store.records.path(key))?.modifiedAt ?? Date.now();
  store.records.setAside(damage);
  const remembered = rememberedTask(store, key);
  if (remembered === undefined) return undefined;
  const { outputs, ms } = remembered;
  const record = { key, manifest, outputs, facts: { started: new Date(keptAt - ms).toISOString(), ms } };
  try {
    store.records.add(record, store.temporary());
  } catch (error) {
    // Of a store that can't be written to it is restored whenever it is asked for.
    if (!(storeError("restore a record", error) instanceof StoreError)) throw error;
  }
  return record;
}

/** The outputs of an action, and how long it took, by any plan that the store remembers. */
function rememberedTask(
  store: Store,
  key: ActionKey,
): Pick<ActionRecord, "outputs"> & { ms: number } | undefined {
  for (const name of entriesOf(`${store.folder}/${LAYOUT.snapshots}`)) {
    const sections = readSections(`${store.folder}/${LAYOUT.snapshots}/${name}`);
    if (sections === undefined) continue;
    const { keys, outputs, took } = SnapshotColumns.from(sections);
    const i = keys.all().indexOf(key);
    if (i >= 0) return { outputs: JSON.parse(outputs.at(i)), ms: took[i] };
  }
}
