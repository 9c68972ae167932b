/** States that chains have passed: freed once a chain has ended, since a later run goes on from its end. */

import type { ExpandedTask } from "../definition/expanded.ts";
import { FlowError } from "../errors.ts";
import { runRoots } from "../history/run_roots.ts";
import { manifestAtStep, type ResolvedTask } from "../key/resolve.ts";
import type { ChainDeclaration } from "../kind.ts";
import { canonicalJson } from "../store/canonical_json.ts";
import { freeOutputs } from "../store/free_outputs.ts";
import type { Store } from "../store/store.ts";
import type { ActionKey } from "../store/types.ts";

/** Fewer bytes wait for the end of the run: to free any, all records are looked at. */
const FREE_FROM_BYTES = 256 << 20;

/** Tasks of a run that differ in the number of their steps alone, and so share states. */
interface Siblings {
  readonly tasks: ExpandedTask[];
  readonly waitsFor: Set<string>;
  hasRun: boolean;
}

export class PassedStates {
  readonly #siblings = new Map<string, Siblings>();
  #keys: ActionKey[] = [];
  #bytes = 0;
  #freeing: Promise<void> = Promise.resolve();

  /** @param tasks all that the run may run */
  constructor(readonly store: Store, readonly tasks: readonly ExpandedTask[]) {}

  /** A task begins to run: what it may go on from stays until it has ended. */
  began({ kind: { chain }, task }: ResolvedTask): void {
    if (chain !== undefined) this.#joined(task, chain).waitsFor.add(task.id);
  }

  /** A task has its result, whether or not it ran for it. */
  ended(resolved: ResolvedTask, hasRun: boolean): void {
    const { kind: { chain }, task } = resolved;
    if (chain === undefined) return;
    const siblings = this.#joined(task, chain);
    siblings.waitsFor.delete(task.id);
    siblings.hasRun ||= hasRun;
    const end = manifestAtStep(resolved, Number(task.params[chain.steps])).key;
    this.#keys = this.#keys.filter((key) => key !== end);
    // One that failed goes on from a state that it has passed.
    if (siblings.waitsFor.size > 0 || !siblings.hasRun) return;
    const stepsOf = ({ params }: ExpandedTask) => Number(params[chain.steps]);
    const kept = new Set(siblings.tasks.flatMap((one) => [stepsOf(one), ...one.milestones ?? []]));
    const last = Math.max(...siblings.tasks.map(stepsOf));
    if (task.stop !== undefined) kept.add(this.#furthest(resolved, last));
    for (let step = 1; step < last; step++) {
      if (!kept.has(step)) this.#pass(manifestAtStep(resolved, step).key);
    }
    if (this.#bytes >= FREE_FROM_BYTES) this.#free();
  }

  /** The step after which a chain that may be stopped has ended. */
  #furthest(resolved: ResolvedTask, last: number): number {
    for (let step = last; step > 0; step--) {
      if (this.store.getRecord(manifestAtStep(resolved, step).key) !== undefined) return step;
    }
    return 0;
  }

  /** Frees what is left, at the end of the run. */
  async finish(): Promise<void> {
    this.#free();
    await this.#freeing;
  }

  #pass(key: ActionKey): void {
    const record = this.store.getRecord(key);
    if (record?.facts.state !== "passed") return;
    this.#keys.push(key);
    this.#bytes += Object.values(record.outputs).reduce((sum, { bytes }) => sum + bytes, 0);
  }

  #free(): void {
    const keys = this.#keys;
    if (keys.length === 0) return;
    [this.#keys, this.#bytes] = [[], 0];
    this.#freeing = this.#freeing.then(async () => {
      const roots = rootsOf(this.store);
      if (roots !== undefined) await freeOutputs(this.store, keys.filter((key) => !roots.has(key)));
    });
  }

  /** The siblings with the task, which is one of them only now where its params come from results. */
  #joined(task: ExpandedTask, chain: ChainDeclaration): Siblings {
    const siblings = this.#siblingsOf(task, chain);
    if (!siblings.tasks.some(({ id }) => id === task.id)) siblings.tasks.push(task);
    return siblings;
  }

  #siblingsOf(task: ExpandedTask, chain: ChainDeclaration): Siblings {
    const family = familyOf(task, chain);
    const known = this.#siblings.get(family);
    if (known !== undefined) return known;
    // Where params come from results, those of the other tasks are not all known yet.
    const tasks = task.values !== undefined
      ? [task]
      : this.tasks.filter((one) =>
        one.values === undefined && one.kind === task.kind && familyOf(one, chain) === family
      );
    const siblings = { tasks, waitsFor: new Set(tasks.map(({ id }) => id)), hasRun: false };
    this.#siblings.set(family, siblings);
    return siblings;
  }
}

function familyOf({ params, inputs }: ExpandedTask, { steps, segment }: ChainDeclaration): string {
  return canonicalJson({ params: { ...params, [steps]: null, [segment]: null }, inputs });
}

/** What other runs end with; undefined where that can't be told, and so all must stay. */
function rootsOf(store: Store): ReadonlySet<ActionKey> | undefined {
  try {
    return runRoots(store.folder).keys;
  } catch (error) {
    if (error instanceof FlowError) return undefined;
    throw error;
  }
}
