/** What a workflow file imports as "protoflow": the notation of workflows, typed by the kinds of this project. */
import type { kinds } from "../tasks/kinds.ts";
import type {
  AxisRef,
  EachRef,
  FileRef,
  FolderRef,
  Matrix,
  TaskDefinition,
  WorkflowDefinition,
} from "./flow/definition/notation.ts";
import type { KindParams, TaskShape, TypedWorkflow } from "./flow/definition/typed_workflow.ts";

export type { AxisRef, TaskDefinition, WorkflowDefinition };

type Kinds = typeof kinds;

/** The params of a kind, for functions that make tasks: `Params<"joint", "seed">` may use `axis("seed")`. */
export type Params<Kind extends keyof Kinds, Axis extends string = never> = KindParams<Kinds, Kind, Axis>;

/** Declares a workflow: the default export of its file. */
export function defineWorkflow<
  const Tasks extends Record<string, TaskShape<Kinds>>,
  // deno-lint-ignore ban-types -- without a matrix there is no axis to name
  const Axes extends Matrix = {},
>(workflow: TypedWorkflow<Kinds, Axes, Tasks>): WorkflowDefinition {
  return workflow as unknown as WorkflowDefinition;
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
