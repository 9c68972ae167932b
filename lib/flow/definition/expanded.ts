/** A workflow after its matrix, profile and overrides are applied: what planning starts from. */

import type { EarlyEnd } from "../store/types.ts";

/** Where an input comes from: an output of another task, or a file or folder of the user. */
export type InputRef = TaskOutputRef | SourceRef;

/** An output of another task. */
export interface TaskOutputRef {
  /** The id of an expanded task. */
  readonly task: string;
  readonly output: string;
  /** Only in the list of a `many` input; see `label` of `SourceRef`. */
  readonly label?: string;
}

/** An input that is a file or folder of the user. */
export interface SourceRef {
  readonly source: "file" | "folder";
  /** Absolute. */
  readonly path: string;
  /** Only in the list of a `many` input: what tells its parts apart, unique in the list. The task sees it as the last
   * part of the path, so it belongs in the action key: `seed=4871` for a member of an axis, else the position. */
  readonly label?: string;
}

/** A param that takes its value from a result. */
export interface ParamValueRef {
  /** The names and indices that lead to it in the params. */
  readonly keys: readonly string[];
  /** The id of an expanded task, and its output: a file of JSON. */
  readonly task: string;
  readonly output: string;
  /** What leads to the value in the file, with dots. */
  readonly path: string;
}

/** One member of a task: its params validated and its inputs resolved to members or sources. */
export interface ExpandedTask {
  /** `joint`, or `joint[arch=vgg,seed=4871]` for a member of a matrix. */
  readonly id: string;
  /** The name in the workflow file. */
  readonly task: string;
  /** The member's place on each axis that reaches the task; empty above the matrix. */
  readonly member: Readonly<Record<string, string>>;
  readonly kind: string;
  /** Validated by the kind's schema, defaults filled in. */
  readonly params: Readonly<Record<string, unknown>>;
  /** A list for inputs declared `many` (empty where optional and not given), else one reference. */
  readonly inputs: Readonly<Record<string, InputRef | readonly InputRef[]>>;
  readonly outputs: readonly string[];
  /** The params that take their values from results; until these are known, `params` has an example of each. */
  readonly values?: readonly ParamValueRef[];
  /** The models of one's own that it, or a task upstream of it, may use; sorted. */
  readonly models?: readonly string[];
  /** The device that the workflow names for it; `--device` goes before. */
  readonly device?: string;
  /** The number of cores to ask for in place of the kind's. */
  readonly cores?: number;
  /** The memory to ask for in place of the estimated one, in MiB. */
  readonly memoryMB?: number;
  /** Of a chain: the steps whose states are kept when it has ended. */
  readonly milestones?: readonly number[];
  /** Of a chain: what is asked after each segment whether the chain is to end there. Its input `log` is not among `inputs`. */
  readonly stop?: ExpandedTask;
  /** How the result ended from which a param was to take its value: the task ends in the same way. */
  readonly given?: EarlyEnd;
  /** The names of errors and the exit codes that are a result. */
  readonly mayFail?: readonly (string | number)[];
}

/** One value that a profile or `--set` replaced. */
export interface Override {
  /** `joint.coefs.sep` or `matrix.seed`. */
  readonly field: string;
  /** The value in the workflow file; undefined if it used the kind's default. */
  readonly from?: unknown;
  readonly to: unknown;
  readonly by: "profile" | "set";
  /** The axis that `--set` made of `to`: several values where one is expected. */
  readonly axis?: string;
}

/** An input that the workflow leaves to the user, who has not given it. */
export interface OpenInput {
  /** The id of the task. */
  readonly id: string;
  /** `data.source`: what to give with `--set`. */
  readonly field: string;
  readonly about: string;
}

/** An output that a workflow is run for. */
export interface ResultRef extends TaskOutputRef {
  /** Its place on the axes that `--set` made. */
  readonly member: Readonly<Record<string, string>>;
}

/** A workflow with all members of its tasks. */
export interface ExpandedWorkflow {
  readonly name: string;
  readonly about: string;
  /** The absolute path of the workflow file. */
  readonly file: string;
  /** Every file the definition was read from, the workflow file among them (absolute, sorted). */
  readonly modules: readonly string[];
  /** In topological order; where the graph leaves a choice, in the order of the file. */
  readonly tasks: readonly ExpandedTask[];
  /** The output that the workflow is run for: one for each place on the axes that `--set` made; empty where it names none. */
  readonly results: readonly ResultRef[];
  /** Tasks with such an input can't be planned. */
  readonly open: readonly OpenInput[];
  readonly overrides: {
    readonly profile?: string;
    /** As given on the command line. */
    readonly set: readonly string[];
    readonly changes: readonly Override[];
  };
}
