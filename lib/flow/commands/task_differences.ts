/** Which tasks of two runs differ, and the causes: what changed by itself, and not because a task before it changed. */

import { differences } from "../plan/explain.ts";
import { own } from "../own.ts";
import type { Store } from "../store/store.ts";
import type { ActionKey, ActionRecord, LabelledDigest, TreeDigest } from "../store/types.ts";
import { differingValues, type ValuePair } from "./differing_values.ts";

/** A task that is not the same in two runs. */
export interface TaskDifference {
  readonly id: string;
  readonly only?: "first" | "second";
  /** All differences of its manifest. */
  readonly reasons: readonly string[];
  /** Those that don't come from another task that differs. */
  readonly causes: readonly string[];
  readonly records?: readonly [ActionRecord, ActionRecord];
}

type Keys = Readonly<Record<string, ActionKey>>;

/** The tasks whose keys differ, sorted by id. */
export function taskDifferences(store: Store, first: Keys, second: Keys): TaskDifference[] {
  const ids = [...new Set([...Object.keys(first), ...Object.keys(second)])].sort();
  const found = ids.filter((id) => own(first, id) !== own(second, id)).map((id) => {
    const keys = [own(first, id), own(second, id)];
    return { id, keys, records: keys.map((key) => key && store.getRecord(key)) };
  });
  const makers = new Map<string, string[]>();
  for (const { id, records: [before] } of found) {
    for (const { digest } of Object.values(before?.outputs ?? {})) {
      makers.set(digest, [...makers.get(digest) ?? [], id]);
    }
  }
  return found.map(({ id, keys, records: [before, now] }): TaskDifference => {
    if (!keys[0] || !keys[1]) return { id, only: keys[0] ? "first" : "second", reasons: [], causes: [] };
    if (!before || !now) {
      const reasons = [`the result of the ${before ? "second" : "first"} run is no longer kept`];
      return { id, reasons, causes: reasons };
    }
    const names = { inputName: (input: string) => input, tree: () => undefined };
    const reasons = differences(before.manifest, now.manifest, names);
    const causes = reasons.filter((reason) => {
      const name = /^input ([^ ,(]+)/.exec(reason)?.[1];
      return name === undefined ||
        !digestsOf(own(before.manifest.inputs, name)).some((digest) =>
          makers.get(digest)?.some((maker) => maker !== id)
        );
    });
    return { id, reasons, causes, records: [before, now] };
  });
}

function digestsOf(input: TreeDigest | readonly LabelledDigest[] | undefined): readonly string[] {
  if (input === undefined) return [];
  return typeof input === "string" ? [input] : input.map(({ digest }) => digest);
}

/** An output that differs: its digests, and by dotted path the values that differ in its JSON files. */
export interface OutputDifference {
  readonly digests: readonly [string, string];
  readonly values: ReadonlyMap<string, ValuePair>;
}

/** The outputs that differ between two results, by name. */
export function outputDifferences(
  store: Store,
  [before, now]: readonly [ActionRecord, ActionRecord],
): Map<string, OutputDifference> {
  const found = new Map<string, OutputDifference>();
  for (const [name, output] of Object.entries(before.outputs)) {
    const other = own(now.outputs, name);
    if (!other || other.digest === output.digest) continue;
    const values = new Map<string, ValuePair>();
    const files = new Map(store.artifact(output)?.entries.map(({ path, digest }) => [path, digest]));
    for (const { path, digest } of store.artifact(other)?.entries ?? []) {
      const same = files.get(path);
      if (same === undefined || same === digest) continue;
      const pairs = differingValues(store.bytes.chunks(same), store.bytes.chunks(digest));
      for (const [at, pair] of pairs) values.set([path, at].filter(Boolean).join(":"), pair);
    }
    found.set(name, { digests: [output.digest, other.digest], values });
  }
  return found;
}
