/** What the results of a run say so far, such as the best trial of a search. */

import type { StandingDeclaration, StandingResult } from "../kind.ts";
import { own } from "../own.ts";
import type { Store } from "../store/store.ts";
import type { ActionKey } from "../store/types.ts";
import type { ListedRun } from "./run_list.ts";
import { RunTable } from "./run_rows.ts";
import { partsOf } from "./variants.ts";

/** Reads the results that kinds declare; what several runs share, or was read before, is not read again. */
export class Standings {
  readonly #table: RunTable;
  readonly #kinds = new Map<ActionKey, string | undefined>();
  readonly #results = new Map<ActionKey, Omit<StandingResult, "id"> | undefined>();

  constructor(readonly store: Store, readonly declared: readonly StandingDeclaration[]) {
    this.#table = new RunTable(store, {});
  }

  /** Lines about a run, whether or not it has ended; none where its kinds declare nothing. */
  async linesOf(run: ListedRun): Promise<string[]> {
    const byTask = Map.groupBy(Object.entries(this.#table.keysOf(run)), ([id]) => partsOf(id).task);
    const members = [...byTask.values()].map((all) => ({ kind: this.#kindOf(all[0][1]), all }));
    const lines: string[] = [];
    for (const { outputs, load } of this.declared) {
      const results = members.flatMap(({ kind, all }) => {
        const output = kind === undefined ? undefined : own(outputs, kind);
        return output === undefined ? [] : all.flatMap(([id, key]) => this.#resultOf(id, key, output));
      });
      if (results.length > 0) lines.push(...(await load()).standing(results));
    }
    return lines;
  }

  #kindOf(key: ActionKey): string | undefined {
    if (!this.#kinds.has(key)) this.#kinds.set(key, this.store.getRecord(key)?.manifest.kind);
    return this.#kinds.get(key);
  }

  /** Nothing where the result was removed meanwhile. */
  #resultOf(id: string, key: ActionKey, output: string): StandingResult[] {
    if (!this.#results.has(key)) {
      const record = this.store.getRecord(key);
      const file = record && own(record.outputs, output)?.file;
      const text = file && this.store.getText(file.digest);
      const { kind, params } = record?.manifest ?? {};
      this.#results.set(key, text === undefined ? undefined : { kind: kind!, params: params!, text });
    }
    const found = this.#results.get(key);
    return found ? [{ id, ...found }] : [];
  }
}
