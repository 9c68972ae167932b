/** The runs of a store as rows of a table: one for each run, and for each variant of a run that has several. */

import type { FiguresDeclaration } from "../kind.ts";
import type { Store } from "../store/store.ts";
import type { ActionKey } from "../store/types.ts";
import { KnownFigures } from "./known_figures.ts";
import type { ListedRun } from "./run_list.ts";
import { readRun, runKeys, runNow } from "./runs.ts";
import { type FigureVariant, type SeedFigure, seedsOf, variantsOf } from "./variants.ts";

/** A run, or one of its variants. */
export interface RunRow {
  readonly run: ListedRun;
  /** Such as `evaluate[sep=0.1]`, as far as it is needed to tell the variants of a run apart; empty for the only one. */
  readonly variant: string;
  readonly seeds: readonly string[];
  readonly figures: Readonly<Record<string, SeedFigure>>;
  /** How long it took, or has been running; absent for one that died. */
  readonly ms?: number;
}

/** Looks up the figures of runs; what several runs share is read once. */
export class RunTable {
  readonly #known = new Map<string, KnownFigures>();
  readonly #keys = new Map<string, Readonly<Record<string, ActionKey>>>();

  /** @param declared where the figures of kinds are, by kind */
  constructor(
    readonly store: Store,
    readonly declared: Readonly<Record<string, FiguresDeclaration>>,
  ) {}

  /** The keys of a run's tasks by id. */
  keysOf({ head, end }: ListedRun): Readonly<Record<string, ActionKey>> {
    const { folder } = this.store;
    if (!end) {
      const run = readRun(folder, head.run);
      return run ? runKeys(folder, run) : {};
    }
    let keys = this.#keys.get(end.keys);
    if (!keys) {
      keys = runKeys(folder, { head, end, outcomes: [], tables: [], reused: {} });
      this.#keys.set(end.keys, keys);
    }
    return keys;
  }

  variantsOf(run: ListedRun): FigureVariant[] {
    const { workflow } = run.head;
    let known = this.#known.get(workflow);
    if (!known) this.#known.set(workflow, known = new KnownFigures(this.store, workflow, this.declared));
    return variantsOf(this.keysOf(run), (key) => known.of(key));
  }

  /** The rows of a run. */
  rowsOf(run: ListedRun): RunRow[] {
    const { head, end, state } = run;
    const ms = end?.ms ?? (state === "running" ? Date.now() - Date.parse(head.started) : undefined);
    const ids = Object.keys(this.keysOf(run));
    const running = end ? [] : runNow(this.store.folder, head.run)?.actions.map(({ id }) => id) ?? [];
    const seeds = seedsOf([...ids, ...running]);
    const variants = this.variantsOf(run);
    if (variants.length === 0) return [{ run, variant: "", seeds, figures: {}, ms }];
    const hasTasks = new Set(variants.map(({ task }) => task)).size > 1;
    return variants.map(({ task, member, figures }) => {
      const [first] = Object.values(figures);
      const own = Object.keys(first.values).filter((seed) => seed !== "");
      const variant = hasTasks ? task + (member && `[${member}]`) : member;
      return { run, variant, seeds: own.length > 0 ? own : seeds, figures, ms };
    });
  }
}
