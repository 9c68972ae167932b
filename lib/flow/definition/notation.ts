/** The notation of workflow files: plain data, with markers where a value refers to a file, an axis or a fan-in. */

/** A file of the user, relative to the workflow file. */
export interface FileRef {
  readonly $file: string;
}

/** A folder of the user, relative to the workflow file. */
export interface FolderRef {
  readonly $folder: string;
}

/** A param that takes its value from the matrix: `seed` of a value axis, `arch.depth` of an axis of variants. */
export interface AxisRef<Path extends string = string> {
  readonly $axis: Path;
}

/** One output from every member of some axes: a list for an input declared `many`. */
export interface EachRef<Ref extends string = string, Axis extends string = string> {
  readonly $each: Ref;
  readonly over: readonly Axis[];
}

/** One output from the earlier members of an axis: those at least `lag` places before, on the same place of all other axes. */
export interface BeforeRef<Ref extends string = string, Axis extends string = string> {
  readonly $before: Ref;
  readonly along: Axis;
  readonly lag: number;
}

/**
 * A param that takes its value from a result: the value at `path` (dotted) in the JSON file that is the output `$value`.
 * `example` is of the same type, and stands for the value as long as it is not known.
 */
export interface ValueRef<Example = unknown, Ref extends string = string> {
  readonly $value: Ref;
  readonly path: string;
  readonly example: Example;
}

export type AxisValue = string | number | boolean;

/** Named variants of an axis, each setting the same fields. */
export type AxisVariants = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

/** Axes by name: a list of values, or named variants. */
export type Matrix = Readonly<Record<string, readonly AxisValue[] | AxisVariants>>;

/** A place on some axes: a value, or the name of a variant. */
export type Combination = Readonly<Record<string, AxisValue>>;

/** `"task.output"`, or a source. */
export type OneInput = string | FileRef | FolderRef;

/** Several members of a task: a list for an input declared `many`. */
export type FanIn<Ref extends string = string, Axis extends string = string> =
  | EachRef<Ref, Axis>
  | BeforeRef<Ref, Axis>;

/** What may end a chain early. */
export interface StopDefinition {
  /** A kind with the outputs `verdict` and `log`; its input `log` is the chain's output of that name. */
  readonly kind: string;
  readonly params?: TaskDefinition["params"];
  readonly inputs?: TaskDefinition["inputs"];
}

/** A task of a workflow. */
export interface TaskDefinition {
  readonly kind: string;
  readonly params?: Readonly<Record<string, unknown>>;
  readonly inputs?: Readonly<Record<string, OneInput | FanIn | readonly (OneInput | FanIn)[]>>;
  /** Only for kinds that leave their outputs to the workflow. */
  readonly outputs?: readonly string[];
  /** The device to compute on, such as `cuda`, where the command line names none. */
  readonly device?: string;
  /** The number of cores to ask for in place of the kind's; no part of a key. */
  readonly cores?: number;
  /** The memory to ask for in place of the estimated one, in MiB; no part of a key. */
  readonly memoryMB?: number;
  /** Of a chain: the steps whose states are kept when it has ended, beside its end; no part of a key. */
  readonly milestones?: readonly number[];
  /** Of a chain: it is asked after each segment whether the chain is to end there. */
  readonly stop?: StopDefinition;
  /** Failures that are a result: the names of errors that a kind throws, and the exit codes of a program. */
  readonly mayFail?: readonly (string | number)[];
}

/** New params by task name, and new axis values under `matrix`. */
export type ProfileDefinition = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

/** The content of a workflow file. */
export interface WorkflowDefinition {
  readonly name: string;
  /** One line for `--help` and reports. */
  readonly about: string;
  readonly matrix?: Matrix;
  /** Whole combinations to run besides those of the matrix. */
  readonly include?: readonly Combination[];
  /** Combinations to leave out; an axis that one does not name stands for all of its values. */
  readonly exclude?: readonly Combination[];
  readonly tasks: Readonly<Record<string, TaskDefinition>>;
  readonly profiles?: Readonly<Record<string, ProfileDefinition>>;
  /** `"task.output"`: the main output, which is copied to `results/` after a run. */
  readonly result?: string;
}
