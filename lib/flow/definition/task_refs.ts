/** The references of an expanded task: its inputs, and the tasks upstream of it. */
import type { ExpandedTask, InputRef, SourceRef } from "./expanded.ts";

/** In the inputs of a task with what may end it early: what that one's inputs begin with. */
export const OF_STOP = "stop.";

/** The inputs of a task by name, and those of what may end it early. */
export function allInputs({ inputs, stop }: ExpandedTask): ExpandedTask["inputs"] {
  if (stop === undefined) return inputs;
  const further = Object.entries(stop.inputs).map(([name, refs]) => [OF_STOP + name, refs] as const);
  return { ...inputs, ...Object.fromEntries(further) };
}

/** Every reference of a task with the name of its input. */
export function inputRefs(task: ExpandedTask): { name: string; ref: InputRef }[] {
  return Object.entries(allInputs(task)).flatMap(([name, refs]) =>
    [refs].flat().map((ref) => ({ name, ref }))
  );
}

/** Whether an input is a file or folder of the user, not the output of a task. */
export const isSource = (ref: InputRef): ref is SourceRef => "source" in ref;

/** The ids of the tasks whose outputs `task` takes, as inputs or for its params, without duplicates. */
export function upstream(task: ExpandedTask): string[] {
  const inputs = inputRefs(task).flatMap(({ ref }) => isSource(ref) ? [] : [ref.task]);
  const values = [...task.values ?? [], ...task.stop?.values ?? []].map((value) => value.task);
  return [...new Set([...inputs, ...values])];
}
