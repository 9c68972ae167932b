/** Computes the manifests and keys of a task whose inputs are known. */

import type { ExpandedTask } from "../definition/expanded.ts";
import { allInputs, OF_STOP } from "../definition/task_refs.ts";
import type { Json } from "../json.ts";
import type { AnyKind, ChainDeclaration, ModelsToAdd } from "../kind.ts";
import type { ActionKey, Manifest, OutputRef, SourceState, TreeDigest } from "../store/types.ts";
import { actionKey, manifestOf } from "../store/manifest.ts";
import { type Compute, ON_HOST } from "./compute.ts";

/** The properties of a kind that keys depend on; the kind itself is imported only when a task of it has to run. */
export interface KnownKind {
  readonly code: Manifest["code"];
  readonly chain?: ChainDeclaration;
  /** Is it a program of the user, rather than code of ours? */
  readonly isProgram: boolean;
  /** May it load native libraries? */
  readonly isNative: boolean;
  /** The environment variables that it may read. */
  readonly variables: readonly string[];
  /** Those of them that are set, each with the SHA-256 of its value. */
  readonly environment: Readonly<Record<string, string>>;
  /** What its process may read as data, files of the project and packages (see `Fingerprint.reads`). */
  readonly reads: readonly string[];
  /** The files of its code, absolute paths. */
  readonly files: readonly string[];
  /** What its process adds to the models before it reads the kind's code; `code` covers it. */
  readonly models?: ModelsToAdd;
  load(): Promise<AnyKind>;
  /** The files that changed since `code` was computed, if a process has yet to read them. */
  changedCode(): string[];
}

/** An input with known bytes. `label` distinguishes the parts of a `many` input. */
export type ResolvedInput =
  & { readonly name: string; readonly label?: string; readonly digest: TreeDigest }
  & (
    | { readonly from: "task"; readonly task: string; readonly output: OutputRef }
    | { readonly from: "source"; readonly source: SourceState }
  );

/** A task with a known key, which can be looked up and run. */
export interface ResolvedTask {
  readonly task: ExpandedTask;
  readonly kind: KnownKind;
  readonly compute: Compute;
  readonly inputs: readonly ResolvedInput[];
  /** The manifest and key of the whole task; for a chain, of its last state. */
  readonly manifest: Manifest;
  readonly key: ActionKey;
  /** The kind of what may stop it. */
  readonly stop?: KnownKind;
}

/** The outputs of a task that has its result, by name. */
export type TaskOutputs = Readonly<Record<string, OutputRef>>;

/**
 * The manifests and keys of `task`; of a chain, for its last step.
 *
 * @param inputs its inputs, in the order of the workflow, with the digests of their bytes
 * @param runtime the runtime identity, see `runtimeIdentity`
 * @param compute what it computes on
 * @param stop the kind of what may stop it
 */
export function resolveTask(
  task: ExpandedTask,
  kind: KnownKind,
  inputs: readonly ResolvedInput[],
  runtime: Record<string, string>,
  compute: Compute = ON_HOST,
  stop?: KnownKind,
): ResolvedTask {
  const { chain } = kind;
  const params = { ...task.params } as Record<string, Json>;
  // It is what a task without the param computes with.
  if (params.precision === "fp32") delete params.precision;
  // A state does not depend on how its chain is cut or how far it goes.
  const step = chain ? Number(params[chain.steps]) : undefined;
  if (chain) {
    delete params[chain.steps];
    delete params[chain.segment];
  }
  const manifest = manifestOf({
    kind: task.kind,
    code: kind.code,
    params,
    inputs: inputDigests(task, inputs),
    outputs: task.outputs,
    runtime,
    ...(Object.keys(kind.environment).length === 0 ? {} : { environment: kind.environment }),
    ...(step === undefined ? {} : { step }),
    ...endsOf(task, stop),
  });
  return { task, kind, compute, inputs, manifest, key: actionKey(manifest), ...(stop && { stop }) };
}

function endsOf(
  { stop, mayFail, given }: ExpandedTask,
  stopKind: KnownKind | undefined,
): Pick<Manifest, "ends"> {
  if (stop === undefined && mayFail === undefined && given === undefined) return {};
  const params = stop?.params as Record<string, Json>;
  return {
    ends: {
      ...(stop && { stop: { kind: stop.kind, code: stopKind!.code, params } }),
      ...(mayFail && { mayFail }),
      ...(given && { given }),
    },
  };
}

function inputDigests(task: ExpandedTask, inputs: readonly ResolvedInput[]): Manifest["inputs"] {
  return Object.fromEntries(
    Object.entries(allInputs(task)).map(([name, refs]) => {
      const own = inputs.filter((input) => input.name === name);
      return [
        name,
        Array.isArray(refs) ? own.map((i) => ({ label: i.label!, digest: i.digest })) : own[0].digest,
      ];
    }),
  );
}

/** A chain's manifest for the state after `step`. */
export function manifestAtStep(
  { manifest: { ends, ...manifest } }: ResolvedTask,
  step: number,
): { manifest: Manifest; key: ActionKey } {
  const inputs = ends?.stop === undefined
    ? manifest.inputs
    : Object.fromEntries(Object.entries(manifest.inputs).filter(([name]) => !name.startsWith(OF_STOP)));
  const at = { ...manifest, inputs, step };
  return { manifest: at, key: actionKey(at) };
}
