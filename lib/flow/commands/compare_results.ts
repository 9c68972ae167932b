/** Comparing results with those of the same keys in another store: bit for bit, or within the kind's tolerance. */

import type { Tolerance } from "../kind.ts";
import { own } from "../own.ts";
import type { Store } from "../store/store.ts";
import type { ActionKey, ActionRecord, Manifest } from "../store/types.ts";
import { compareWithin } from "./compare_figures.ts";

export interface ResultComparison {
  /** One line a file; empty when nothing differs. */
  readonly differences: readonly string[];
  /** How many results were compared: that of the task, and those of its items or earlier steps that are still kept. */
  readonly compared: number;
}

export interface CompareOptions {
  readonly kept: Store;
  readonly fresh: Store;
  /** That of the task itself. */
  readonly key: ActionKey;
  /** By output; an output without one must be the same bit for bit. */
  readonly tolerances: Readonly<Record<string, Tolerance>>;
}

/** A result in the two stores. */
interface Pair {
  readonly title: string;
  readonly before: readonly [Store, ActionRecord];
  readonly now: readonly [Store, ActionRecord];
}

/** Compares all results of `fresh` with the cached ones; the earliest difference of a chain comes first. */
export function compareResults({ kept, fresh, key, tolerances }: CompareOptions): ResultComparison {
  const pairs = [...fresh.keys()].flatMap((one): Pair[] => {
    const [before, now] = [kept.getRecord(one), fresh.getRecord(one)];
    if (!before || !now) return [];
    return [{ title: one === key ? "" : titleOf(now.manifest), before: [kept, before], now: [fresh, now] }];
  });
  pairs.sort((a, b) => placeOf(a, key) - placeOf(b, key) || (a.title < b.title ? -1 : 1));
  const differences = pairs.flatMap(({ title, before, now }) =>
    Object.keys(before[1].outputs).flatMap((name) =>
      compareOutput(title, name, own(tolerances, name), before, now)
    )
  );
  return { differences, compared: pairs.length };
}

function titleOf({ item, step }: Manifest): string {
  return item !== undefined ? `item ${item}, ` : `step ${step}, `;
}

/** Steps in their order; the task's own result is the last. */
function placeOf({ before: [, record] }: Pair, key: ActionKey): number {
  return record.key === key ? Infinity : record.manifest.step ?? 0;
}

function compareOutput(
  part: string,
  name: string,
  tolerance: Tolerance | undefined,
  before: Pair["before"],
  now: Pair["now"],
): string[] {
  if (before[1].outputs[name].digest === now[1].outputs[name].digest) return [];
  const [old, fresh] = [before, now].map(([store, record]) =>
    new Map(store.artifact(record.outputs[name])?.entries.map((entry) => [entry.path, entry]))
  );
  return [...new Set([...old.keys(), ...fresh.keys()])].sort().flatMap((path) => {
    const title = `${part}output ${name}${path === "" ? "" : `, file ${path}`}`;
    const [a, b] = [old.get(path), fresh.get(path)];
    if (!a || !b) return [`${title} is only in the ${a ? "kept" : "new"} result`];
    if (a.digest === b.digest) return [];
    if (!tolerance) return [`${title} differs: ${a.digest.slice(0, 16)} kept, ${b.digest.slice(0, 16)} new`];
    const texts = [before[0].getText(a.digest), now[0].getText(b.digest)] as const;
    const problem = compareWithin(texts[0] ?? "", texts[1] ?? "", tolerance);
    return problem === undefined ? [] : [`${title} differs: ${problem}`];
  });
}
