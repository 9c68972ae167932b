/** What a workflow file imports as "protoflow": the notation of workflows, typed by the kinds of this project. */
import type { kinds } from "../tasks/kinds.ts";
import type {
  AxisRef,
  BeforeRef,
  EachRef,
  FileRef,
  FolderRef,
  Matrix,
  TaskDefinition,
  ValueRef,
  WorkflowDefinition,
} from "./flow/definition/notation.ts";
import type { AnyKind } from "./flow/kind.ts";
import type { KindParams, TaskShape, TypedWorkflow } from "./flow/definition/typed_workflow.ts";

export type { AxisRef, TaskDefinition, ValueRef, WorkflowDefinition };

type Kinds = typeof kinds;

/**
 * The params of a kind, for functions that make tasks: `Params<"joint", "seed">` may use `axis("seed")`, and
 * `Params<"joint", "trial", "suggest.suggestion">` may take values from that output.
 */
export type Params<Kind extends keyof Kinds, Axis extends string = never, Ref extends string = never> =
  KindParams<
    Kinds,
    Kind,
    Axis,
    Ref
  >;

/** A workflow of which the tasks and axes are known by name, so that another one may spread them. */
export type DefinedWorkflow<Axes, Tasks> = WorkflowDefinition & {
  readonly matrix: Axes;
  readonly tasks: Tasks;
};

/** Declares a workflow: the default export of its file. */
export function defineWorkflow<
  const Tasks extends Record<string, TaskShape<Kinds>>,
  // deno-lint-ignore ban-types -- without a matrix there is no axis to name
  const Axes extends Matrix = {},
>(workflow: TypedWorkflow<Kinds, Axes, Tasks>): DefinedWorkflow<Axes, Tasks> {
  return workflow as unknown as DefinedWorkflow<Axes, Tasks>;
}

/**
 * `defineWorkflow` for a workflow that names kinds of one's own beside those of the project:
 * `withKinds<{ count: typeof count }>()`, where `import type count from "./kinds/count.ts"`.
 */
export function withKinds<Own extends Readonly<Record<string, AnyKind>>>() {
  type All = Kinds & { readonly [Name in keyof Own]: () => Promise<{ default: Own[Name] }> };
  return <
    const Tasks extends Record<string, TaskShape<All>>,
    // deno-lint-ignore ban-types -- without a matrix there is no axis to name
    const Axes extends Matrix = {},
  >(workflow: TypedWorkflow<All, Axes, Tasks>): DefinedWorkflow<Axes, Tasks> =>
    workflow as unknown as DefinedWorkflow<Axes, Tasks>;
}

/**
 * The param `model` of a training kind, for a model of one's own: `ownModel({ name: "mine", depth: 16 })`. The types of the
 * kinds don't know it, so that its names are checked when the workflow is planned.
 */
export function ownModel(model: { readonly name: string; readonly [param: string]: unknown }): never {
  return model as never;
}

/** A file as an input; `path` is relative to the workflow file. */
export function file(path: string): FileRef {
  return { $file: path };
}

/** A folder and all that is in it as an input; `path` is relative to the workflow file. */
export function folder(path: string): FolderRef {
  return { $folder: path };
}

/** A param's value from the matrix: `axis("seed")`, or `axis("arch.depth")` for a field of an axis of variants. The task
 * gets a member for each value. */
export function axis<const Path extends string>(path: Path): AxisRef<Path> {
  return { $axis: path };
}

/** Fan-in: the output `ref` of every member on the named axes, `each("evaluate.table", "seed")`. */
export function each<const Ref extends string, const Axis extends string>(
  ref: Ref,
  ...over: readonly [Axis, ...Axis[]]
): EachRef<Ref, Axis> {
  return { $each: ref, over };
}

/**
 * The output `ref` of earlier members: those at least `lag` places before on the axis, `before("result.trial", "trial", 1)`.
 * The first `lag` members get none. With a lag of 3, three members can run side by side.
 */
export function before<const Ref extends string, const Axis extends string>(
  ref: Ref,
  axis: Axis,
  lag: number,
): BeforeRef<Ref, Axis> {
  return { $before: ref, along: axis, lag };
}

/**
 * A param's value from a result: `value("suggest.suggestion", "joint.rate", 1e-4)` is `joint.rate` in the JSON file that is
 * the output `suggest.suggestion`. The example has the type of the value, and stands for it until it is known; no key has it.
 */
export function value<const Ref extends string, Example>(
  ref: Ref,
  path: string,
  example: Example,
): ValueRef<Example, Ref> {
  return { $value: ref, path, example };
}
