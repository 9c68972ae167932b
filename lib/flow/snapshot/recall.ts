/** Stores snapshots of finished plans, and recalls the part that is still valid: only the rest has to be planned. */
import type { ExpandedTask, ExpandedWorkflow } from "../definition/expanded.ts";
import { cudaIdentity } from "../key/cuda_identity.ts";
import { grantedDigests } from "../key/environment.ts";
import { CUDA } from "../resources/device_choice.ts";
import { canonicalJson } from "../store/canonical_json.ts";
import { digestFiles } from "../store/digest.ts";
import { mayHaveChangedSince } from "../store/settle.ts";
import { StatKey } from "../store/stat_key.ts";
import type { Store } from "../store/store.ts";
import type { ActionKey, SourceState, TreeDigest } from "../store/types.ts";
import type { KnownKind, ResolvedTask, TaskOutputs } from "../key/resolve.ts";
import { upstream } from "../definition/task_refs.ts";
import { PlanSnapshot } from "./snapshot.ts";
import type { SnapshotChanges } from "./snapshot_check.ts";
import type { TextColumn } from "./text_column.ts";
import { type CodeFile, type SnapshotSource, snapshotSource, type SnapshotTask } from "./snapshot_write.ts";

/** A task with its result, and how long that took when it was run. */
export interface FinishedTask {
  readonly resolved: ResolvedTask;
  readonly outputs: TaskOutputs;
  readonly ms: number;
}

/** The planner's part of a snapshot's head. */
interface Head {
  readonly workflow: Omit<ExpandedWorkflow, "tasks">;
  readonly kinds: Readonly<Record<string, RememberedKind>>;
  /** The identities of CUDA by runtime, where tasks were computed with it. */
  readonly cuda?: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

/** The properties of a kind that are known without importing it. */
export type RememberedKind = Omit<KnownKind, "code" | "load" | "changedCode" | "reads" | "files" | "models">;

/** The valid part of a recalled plan, and the tasks that have to be planned again. */
export class RecalledPlan {
  /** The workflow without its tasks. */
  readonly workflow: Omit<ExpandedWorkflow, "tasks">;
  /** The kinds of its tasks whose code has not changed. */
  readonly kinds: Readonly<Record<string, RememberedKind>>;
  /** See {@link Head}. */
  readonly cuda: NonNullable<Head["cuda"]>;
  /** The tasks to plan again, in topological order. */
  readonly tasks: readonly ExpandedTask[];
  /** Why a task has to be planned again, unless it is because of its dependencies. */
  readonly damaged = new Map<string, string>();
  readonly #stale: Uint8Array;
  #indices: Map<string, number> | undefined;

  constructor(readonly snapshot: PlanSnapshot, readonly changes: SnapshotChanges) {
    const { workflow, kinds, cuda = {} }: Head = JSON.parse(snapshot.head);
    this.cuda = cuda;
    this.workflow = workflow;
    this.kinds = kinds;
    this.#stale = staleTasks(snapshot, changes);
    const { ids, bodies } = snapshot.columns;
    const tasks: ExpandedTask[] = [];
    this.#stale.forEach((stale, i) => stale && tasks.push(new UnreadTask(i, ids.all()[i], bodies)));
    this.tasks = tasks;
    for (const [i, reason] of changes.damaged) this.damaged.set(snapshot.columns.ids.at(i), reason);
  }

  /** The number of tasks with valid results. */
  get heldCount(): number {
    return this.snapshot.size - this.tasks.length;
  }

  /** The tasks with valid results, side by side. */
  held(): { ids: readonly string[]; keys: readonly ActionKey[]; ms: readonly number[] } {
    const { ids, keys, took } = this.snapshot.columns;
    const all = { ids: ids.all(), keys: keys.all(), ms: [...took] };
    if (this.tasks.length === 0) return all;
    const holds = (_: unknown, i: number) => this.#stale[i] === 0;
    return { ids: all.ids.filter(holds), keys: all.keys.filter(holds), ms: all.ms.filter(holds) };
  }

  /** The outputs of a task with a valid result. */
  outputsOf(id: string): TaskOutputs | undefined {
    const i = this.#indexOf(id);
    return i === undefined || this.#stale[i] !== 0 ? undefined : this.snapshot.outputs(i);
  }

  /** All tasks of the workflow, in topological order. */
  everyTask(): ExpandedTask[] {
    const { ids, bodies } = this.snapshot.columns;
    return ids.all().map((id, i) => new UnreadTask(i, id, bodies));
  }

  /** The ids of a task's dependencies that have to be planned again themselves. */
  staleUpstream(task: ExpandedTask): string[] {
    const { upstream, ids } = this.snapshot.columns;
    const stale: string[] = [];
    for (const i of upstream.of(this.#indexOfTask(task)!)) if (this.#stale[i] !== 0) stale.push(ids.at(i));
    return stale;
  }

  /** The key that a task had in the remembered plan. */
  keyOf(task: ExpandedTask): ActionKey | undefined {
    const i = this.#indexOfTask(task);
    return i === undefined ? undefined : this.snapshot.columns.keys.at(i);
  }

  /** How long a task took when it was last run, in milliseconds. */
  msOf(task: ExpandedTask): number | undefined {
    const i = this.#indexOfTask(task);
    return i === undefined ? undefined : this.snapshot.columns.took[i];
  }

  /** Sources that were read just now. */
  sources(): Iterable<SourceState> {
    return this.changes.sources.values();
  }

  #indexOfTask(task: ExpandedTask): number | undefined {
    return task instanceof UnreadTask ? task.index : this.#indexOf(task.id);
  }

  #indexOf(id: string): number | undefined {
    this.#indices ??= new Map(this.snapshot.columns.ids.all().map((id, i) => [id, i]));
    return this.#indices.get(id);
  }
}

/** A task of which only the id is read until more is needed: most only wait for others. */
// A record, since an optional field that were missing here would be taken for one that is not set.
class UnreadTask implements Record<keyof ExpandedTask, unknown> {
  #task: ExpandedTask | undefined;

  constructor(readonly index: number, readonly id: string, readonly bodies: TextColumn) {}

  toJSON(): ExpandedTask {
    return this.#task ??= JSON.parse(this.bodies.at(this.index)) as ExpandedTask;
  }
  get task(): string {
    return this.toJSON().task;
  }
  get member(): ExpandedTask["member"] {
    return this.toJSON().member;
  }
  get kind(): string {
    return this.toJSON().kind;
  }
  get params(): ExpandedTask["params"] {
    return this.toJSON().params;
  }
  get inputs(): ExpandedTask["inputs"] {
    return this.toJSON().inputs;
  }
  get outputs(): ExpandedTask["outputs"] {
    return this.toJSON().outputs;
  }
  get values(): ExpandedTask["values"] {
    return this.toJSON().values;
  }
  get models(): ExpandedTask["models"] {
    return this.toJSON().models;
  }
  get device(): ExpandedTask["device"] {
    return this.toJSON().device;
  }
  get cores(): ExpandedTask["cores"] {
    return this.toJSON().cores;
  }

  get memoryMB(): ExpandedTask["memoryMB"] {
    return this.toJSON().memoryMB;
  }
  get milestones(): ExpandedTask["milestones"] {
    return this.toJSON().milestones;
  }
  get stop(): ExpandedTask["stop"] {
    return this.toJSON().stop;
  }
  get mayFail(): ExpandedTask["mayFail"] {
    return this.toJSON().mayFail;
  }
  get given(): ExpandedTask["given"] {
    return this.toJSON().given;
  }
}

/** Undefined where nothing is remembered under `name`, or code has changed since. */
export async function recallPlan(store: Store, name: string): Promise<RecalledPlan | undefined> {
  const snapshot = PlanSnapshot.load(store, name);
  if (snapshot === undefined) return undefined;
  const changes = await snapshot.check(store);
  if (changes.code.length > 0) return undefined;
  const plan = new RecalledPlan(snapshot, changes);
  const isSame = Object.values(plan.kinds).every(seesSameVariables) &&
    Object.entries(plan.cuda).every(([runtime, identity]) =>
      canonicalJson(identity) === canonicalJson(cudaIdentity(runtime))
    );
  return isSame ? plan : undefined;
}

/** Whether the variables that a kind may read are as they were. */
function seesSameVariables({ variables, environment }: RememberedKind): boolean {
  return variables.length === 0 ||
    canonicalJson(grantedDigests(variables)) === canonicalJson(environment);
}

/**
 * Stores a plan in which all tasks have results. Nothing is stored if code was edited since this process
 * began, since either version may have been read.
 *
 * @param code every file that determines the workflow and the code of its kinds
 * @param finished by task id in topological order; of a recalled plan only the tasks that were planned again
 */
export async function rememberPlan(
  store: Store,
  name: string,
  workflow: Omit<ExpandedWorkflow, "tasks">,
  code: readonly string[],
  finished: ReadonlyMap<string, FinishedTask>,
  recalled?: RecalledPlan,
): Promise<void> {
  const files = await codeFiles(code, performance.timeOrigin);
  if (files === undefined) return;
  const rows = new Rows(store);
  const old = recalled?.snapshot;
  if (old === undefined) {
    for (const [id, task] of finished) rows.add(id, task);
  } else {
    for (let i = 0; i < old.size; i++) {
      const id = old.columns.ids.at(i);
      const task = finished.get(id);
      if (task !== undefined) rows.add(id, task);
      else rows.carry(old, i);
    }
  }
  const cuda: Record<string, Readonly<Record<string, string>>> = { ...recalled?.cuda };
  for (const { resolved: { compute } } of finished.values()) {
    if (compute.device === CUDA) cuda[compute.runtime] ??= cudaIdentity(compute.runtime);
  }
  const { name: workflowName, about, file, modules, results, open, overrides } = workflow;
  const kinds: Record<string, RememberedKind> = { ...recalled?.kinds };
  const remember = (name: string, { chain, isProgram, isNative, variables, environment }: KnownKind) => {
    kinds[name] ??= { chain, isProgram, isNative, variables, environment };
  };
  for (const { resolved: { task, kind, stop } } of finished.values()) {
    remember(task.kind, kind);
    if (stop) remember(task.stop!.kind, stop);
  }
  const head: Head = {
    workflow: { name: workflowName, about, file, modules, results, open, overrides },
    kinds,
    cuda,
  };
  const content = { head: JSON.stringify(head), code: files, sources: rows.sources, tasks: rows.tasks };
  PlanSnapshot.write(store, name, content);
}

/** Tasks with their sources, numbered as they come. */
class Rows {
  readonly tasks: SnapshotTask[] = [];
  readonly sources: SnapshotSource[] = [];
  readonly #taskIndex = new Map<string, number>();
  readonly #sourceIndex = new Map<string, number>();

  constructor(readonly store: Store) {}

  /** Tasks come in topological order. */
  add(id: string, { resolved, outputs, ms }: FinishedTask): void {
    const { task, key, inputs } = resolved;
    const sources = inputs.flatMap((input) =>
      input.from === "source"
        ? [this.#source(input.source.path, input.digest, () => snapshotSource(input.source))]
        : []
    );
    this.#taskIndex.set(id, this.tasks.length);
    const needs = upstream(task).map((other) => this.#taskIndex.get(other)!);
    this.tasks.push({ id, key, outputs, body: JSON.stringify(task), ms, upstream: needs, sources });
  }

  carry(old: PlanSnapshot, i: number): void {
    const task = old.task(i);
    const sources = task.sources.map((source) => {
      const known = old.source(source);
      return this.#source(known.path, known.digest, () => known);
    });
    this.#taskIndex.set(task.id, this.tasks.length);
    this.tasks.push({ ...task, sources });
  }

  /** A source that changed during the run is another one for the tasks that saw it before. */
  #source(path: string, digest: TreeDigest, make: () => SnapshotSource): number {
    const name = `${digest} ${path}`;
    let index = this.#sourceIndex.get(name);
    if (index === undefined) {
      index = this.sources.push(make()) - 1;
      this.#sourceIndex.set(name, index);
    }
    return index;
  }
}

/** 1 for every task that a change reaches. */
function staleTasks(
  { size, columns }: PlanSnapshot,
  { sources, lost, damaged }: SnapshotChanges,
): Uint8Array {
  const stale = new Uint8Array(size);
  if (sources.size + lost.size + damaged.size === 0) return stale;
  const changed = new Uint8Array(columns.sources.length);
  for (const source of [...sources.keys(), ...lost.keys()]) changed[source] = 1;
  for (const task of damaged.keys()) stale[task] = 1;
  for (let i = 0; i < size; i++) {
    if (columns.upstream.some(i, stale) || columns.sourcesOfTask.some(i, changed)) stale[i] = 1;
  }
  return stale;
}

async function codeFiles(paths: readonly string[], since: number): Promise<CodeFile[] | undefined> {
  const found = [...new Set(paths)].sort().map((path) => ({ path, key: StatKey.of(path) }));
  if (found.some(({ key }) => !key?.isFile || mayHaveChangedSince(key, since))) return undefined;
  const digests = await digestFiles(found.map(({ path, key }) => ({ path, size: key!.size })));
  return found.map(({ path, key }, i) => ({ path, key: key!, digest: digests[i] }));
}
