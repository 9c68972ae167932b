/** Resolving tasks to keys and looking these up: what `plan` and `run` have in common. */

import { dirname, relative } from "node:path";
import type { ExpandedTask, ExpandedWorkflow, InputRef, SourceRef } from "../definition/expanded.ts";
import { FlowError } from "../errors.ts";
import { failedLogPath } from "../store/layout.ts";
import { sourceProblem } from "../store/sources.ts";
import { StatKey } from "../store/stat_key.ts";
import type { SharedCache } from "../remote/shared_cache.ts";
import type { Store } from "../store/store.ts";
import { filesByPath } from "../store/digest.ts";
import type { ActionRecord, Artifact, SourceState } from "../store/types.ts";
import { explain, type ExplainContext, type Explanation } from "./explain.ts";
import { withLastEnvironment } from "./last_environment.ts";
import type { History } from "../history/history.ts";
import type { RecalledPlan } from "../snapshot/recall.ts";
import { restoreRecord } from "../snapshot/restore.ts";
import {
  type KnownKind,
  type ResolvedInput,
  type ResolvedTask,
  resolveTask,
  type TaskOutputs,
} from "../key/resolve.ts";
import { inputRefs, isSource } from "../definition/task_refs.ts";
import { withParamValues } from "../key/param_values.ts";
import { type Compute, computeOf, type ComputeOptions } from "../key/compute.ts";
import { runtimeIdentity } from "../key/runtime.ts";

/** The result of looking up a key: its record, or why there is none. */
export type Lookup =
  /** Of one that is in a shared cache, the store may lack files (see `SharedCache`). */
  | { readonly state: "kept"; readonly record: ActionRecord; readonly isShared?: true }
  /** `reasons`: the differences from the nearest earlier run of the task, or the damage of its result. */
  | { readonly state: "missing"; readonly reasons: readonly string[] };

/** The result of a task was found in a shared cache, and a file of it that is needed can't be had: it has to run. */
export class LostResult extends FlowError {
  constructor(readonly task: string) {
    super("not-run", `the result of ${task} can't be fetched from the shared cache`);
  }
}

const FAILED = "it failed in its last run";

/** A passed state that lacks files was most likely freed. */
function freedText({ manifest: { step } }: ActionRecord): string {
  return `the state after step ${step} was not kept when a longer chain had ended (\`milestones\` keep such states)`;
}

/** The workflow to evaluate, and where to look up sources, kinds and results. */
export interface TaskResolverOptions {
  readonly workflow: Omit<ExpandedWorkflow, "tasks">;
  readonly store: Store;
  readonly history: History;
  readonly compute: ComputeOptions;
  readonly shared?: SharedCache;
  readonly loadKind: (name: string, models: readonly string[]) => Promise<KnownKind>;
  /** The tasks recalled from the last plan, and why the others are planned again. */
  readonly recalled?: RecalledPlan;
  /** Whether a variable that a kind may read counts as in the last run where it is not set. */
  readonly unsetAsInLastRun?: boolean;
}

/** Resolves tasks to keys and looks these up in the store; sources and kinds are read once. */
export class TaskResolver {
  readonly #options: TaskResolverOptions;
  readonly #sources = new Map<string, Promise<SourceState>>();
  readonly #kinds = new Map<string, Promise<KnownKind>>();

  constructor(options: TaskResolverOptions) {
    this.#options = options;
    for (const source of options.recalled?.sources() ?? []) {
      this.#sources.set(source.path, Promise.resolve(source));
    }
  }

  /**
   * The task's key. `outputsOf` must know all tasks upstream.
   *
   * @param chosen what it computes on, where that is not to be what the options say
   * @throws FlowError source-missing, source-refused with the inputs concerned; value-refused; precision, gpus-differ
   * @throws LostResult where a param takes its value from a result that can't be had
   */
  async resolve(
    given: ExpandedTask,
    outputsOf: (id: string) => TaskOutputs,
    chosen?: Compute,
  ): Promise<ResolvedTask> {
    const kind = await this.#kind(given);
    for (const { task, output } of this.shared && given.values || []) {
      if (!await this.shared!.bring([outputsOf(task)[output]])) throw new LostResult(task);
    }
    const task = await withParamValues(given, kind.load, outputsOf, this.#options.store);
    const inputs: ResolvedInput[] = [];
    for (const { name, ref } of inputRefs(task)) {
      const label = ref.label === undefined ? {} : { label: ref.label };
      if (isSource(ref)) {
        const source = await this.#source(ref).catch((error) => this.#refuse(task, name, error));
        inputs.push({ name, ...label, digest: source.artifact.digest, from: "source", source });
      } else {
        const output = outputsOf(ref.task)[ref.output];
        inputs.push({ name, ...label, digest: output.digest, from: "task", task: ref.task, output });
      }
    }
    const { store, history, unsetAsInLastRun } = this.#options;
    const compute = chosen ?? await computeOf(task, this.#options.compute);
    const stop = task.stop && await this.#kind(task.stop);
    const resolved = resolveTask(task, kind, inputs, runtimeIdentity(kind, compute), compute, stop);
    return unsetAsInLastRun ? withLastEnvironment(resolved, history, store) : resolved;
  }

  /** The sources of a task that are not there, with the inputs they are for. */
  missingSources(task: ExpandedTask): string[] {
    return inputRefs(task).flatMap(({ name, ref }) => {
      const problem = isSource(ref) ? sourceProblem(ref.path, ref.source) : undefined;
      return problem === undefined ? [] : [`input ${name}: ${problem}`];
    });
  }

  /** If one source is missing, all missing ones are reported. */
  #refuse(task: ExpandedTask, input: string, error: unknown): never {
    if (!(error instanceof FlowError)) throw error;
    const missing = this.missingSources(task);
    throw new FlowError(
      error.code,
      missing.length > 0 ? missing.join("; ") : `input ${input}: ${error.message}`,
    );
  }

  get shared(): SharedCache | undefined {
    return this.#options.shared;
  }

  /** The result in the store, or else in a shared cache, or why there is none. */
  async lookup(resolved: ResolvedTask): Promise<Lookup> {
    const { store } = this.#options;
    const found = store.records.read(resolved.key);
    const record = found !== undefined && "what" in found ? restoreRecord(store, resolved, found) : found;
    const damage = record ? await store.checkOutputs(record) : [];
    if (record && damage.length === 0) return { state: "kept", record };
    const shared = await this.shared?.find(resolved.key);
    if (shared) return { state: "kept", record: shared, isShared: true };
    if (!record) return { state: "missing", reasons: this.#whyMissing(resolved) };
    if (record.facts.state === "passed") return { state: "missing", reasons: [freedText(record)] };
    const known = this.#options.recalled?.damaged.get(resolved.task.id);
    if (known !== undefined) return { state: "missing", reasons: [known] };
    return {
      state: "missing",
      reasons: damage.map(({ what, digest, reason }) =>
        `kept ${what} ${digest.slice(0, 12)} is unusable: ${reason}`
      ),
    };
  }

  #whyMissing(resolved: ResolvedTask): readonly string[] {
    const { store, history, recalled } = this.#options;
    const { task, inputs, key, manifest } = resolved;
    if (this.#hasFailed(resolved)) return [FAILED];
    // The last plan is in memory; the history, which may be long, is not read for it.
    const lastKey = recalled?.keyOf(task);
    const last = lastKey === undefined || lastKey === key ? undefined : store.getRecord(lastKey);
    const change = last && explain(manifest, [last], this.#explainContext(task, inputs));
    if (change) return change.lines;
    const isLost = lastKey === key || history.of(task.id).some((run) => run.key === key);
    return isLost ? ["its cached result is gone"] : this.explain(resolved).lines;
  }

  /** The differences from the nearest other run of the task that is still recorded. */
  explain(resolved: ResolvedTask): Explanation {
    const { task, inputs, key, manifest } = resolved;
    const { history, store } = this.#options;
    const runs = history.of(task.id);
    const others = runs.toReversed().filter((run) => run.key !== key).flatMap((run) =>
      store.getRecord(run.key) ?? []
    );
    const found = explain(manifest, others, this.#explainContext(task, inputs));
    if (found) return found;
    if (runs.some((run) => run.key === key)) {
      return { lines: ["it has only been run with these inputs"] };
    }
    if (this.#hasFailed(resolved)) return { lines: [FAILED] };
    return { lines: [runs.length > 0 ? "no earlier result is cached" : "it has not been run before"] };
  }

  /** Is it known that it was run with just these inputs, and never ended well? */
  #hasFailed({ task, key }: ResolvedTask): boolean {
    const { store, history } = this.#options;
    return StatKey.ofLink(failedLogPath(store.folder, key)) !== undefined &&
      history.of(task.id).every((run) => run.key !== key);
  }

  /**
   * Reads the code of the tasks' kinds before their turn comes, one after the other, while `isWanted`. A kind that is edited
   * until then is read again: what is learnt is only remembered in the store.
   */
  async readAhead(tasks: readonly ExpandedTask[], isWanted: () => boolean): Promise<void> {
    const kinds = new Map(tasks.map((task) => [extendedName(task), task]));
    for (const [name, { kind, models = [] }] of kinds) {
      if (!isWanted()) return;
      // The error is that of the task, when it is due.
      if (!this.#kinds.has(name)) await this.#options.loadKind(kind, models).catch(() => {});
    }
  }

  /** Makes the next `resolve` check the task's sources and code again. */
  forget(task: ExpandedTask): void {
    this.#kinds.delete(extendedName(task));
    if (task.stop) this.#kinds.delete(extendedName(task.stop));
    for (const { ref } of inputRefs(task)) if (isSource(ref)) this.#sources.delete(ref.path);
  }

  #kind(task: ExpandedTask): Promise<KnownKind> {
    const name = extendedName(task);
    const known = this.#kinds.get(name);
    if (known) return known;
    const loaded = this.#options.loadKind(task.kind, task.models ?? []);
    this.#kinds.set(name, loaded);
    return loaded;
  }

  #source({ path, source }: SourceRef): Promise<SourceState> {
    const known = this.#sources.get(path);
    if (known) return known;
    const state = this.#options.store.digestSource(path, source);
    this.#sources.set(path, state);
    return state;
  }

  #explainContext(task: ExpandedTask, inputs: readonly ResolvedInput[]): ExplainContext {
    const { workflow, history } = this.#options;
    const nameOf = (ref: InputRef | undefined) => {
      if (!ref) return "none";
      return isSource(ref) ? relative(dirname(workflow.file), ref.path) : `${ref.task}.${ref.output}`;
    };
    const refs = inputRefs(task);
    return {
      inputName: (input, label) =>
        nameOf(refs.find(({ name, ref }) => name === input && ref.label === label)?.ref),
      tree: (digest) => {
        const present = inputs.find((input) => input.from === "source" && input.digest === digest);
        if (present?.from === "source") return filesOf(present.source.artifact);
        return history.tree(digest) ?? filesOf(this.#options.store.artifact({ digest, files: 0, bytes: 0 }));
      },
    };
  }
}

/** The kind of a task with the models that extend it. */
function extendedName({ kind, models = [] }: ExpandedTask): string {
  return [kind, ...models].join(" ");
}

/** Digests by path. */
function filesOf(artifact: Artifact | undefined): Record<string, string> | undefined {
  return artifact && filesByPath(artifact);
}
