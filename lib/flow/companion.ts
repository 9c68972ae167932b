/** Companions of an output: what `get` adds to its copy, made of the results of other tasks. */

/** A task of a workflow, as far as a companion depends on it; outputs of other tasks are read by {@link MadeTasks}. */
export interface TaskWithResult {
  readonly id: string;
  readonly kind: string;
  readonly params: Readonly<Record<string, unknown>>;
  /** By input, outputs of other tasks and paths of the user. */
  readonly inputs: Readonly<
    Record<
      string,
      readonly ({ readonly task: string; readonly output: string } | { readonly path: string })[]
    >
  >;
  /** Whether the store has its result. */
  readonly isKept: boolean;
}

/** All tasks of a workflow in topological order, and where the files of an output are; they must not be changed. */
export interface MadeTasks {
  /** The name of the workflow. */
  readonly workflow: string;
  readonly tasks: readonly TaskWithResult[];
  path(task: string, output: string): Promise<string>;
}

/** Files that `get` adds to its copy of an output, a folder: what others need besides, made of the results of other tasks. */
export interface CompanionDeclaration {
  /** The name of the output. */
  readonly output: string;
  load(): Promise<{
    /** Writes into the folder of the copy; returns why there is nothing to write, if so. */
    write(tasks: MadeTasks, task: string, folder: string): Promise<string | undefined>;
  }>;
}
