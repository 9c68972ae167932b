/** What a user can do where a download fails: the command that takes a copy of their own in its place. */

import type { ExpandedTask } from "../definition/expanded.ts";
import { inputRefs, isSource } from "../definition/task_refs.ts";
import type { AnyKind } from "../kind.ts";

/**
 * The advice for a failed task; undefined where its kind needs no network or no task takes its outputs.
 *
 * @param tasks of the workflow
 * @param command the command line of the run with further settings
 */
export function ownCopyAdvice(
  { id, params }: ExpandedTask,
  { permissions }: AnyKind,
  tasks: readonly ExpandedTask[],
  command: (set: readonly string[]) => string,
): string | undefined {
  if (permissions?.net === undefined) return undefined;
  const taking = tasks.flatMap((task) =>
    inputRefs(task).filter(({ ref }) => !isSource(ref) && ref.task === id).map(({ name }) =>
      `${task.task}.${name}=PATH`
    )
  );
  if (taking.length === 0) return undefined;
  const what = params.extract === undefined
    ? "PATH is the file"
    : "PATH is a folder with what the archive holds";
  return `to use a copy of your own (${what}): ${command([...new Set(taking)])}`;
}
