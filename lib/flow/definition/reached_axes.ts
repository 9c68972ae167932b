/** The axes that reach each task: those that its params name, and those of the tasks whose outputs it takes. */
import type { AxisPlace } from "./axis_refs.ts";
import type { Axes } from "./matrix.ts";
import { outputReferences } from "./member_inputs.ts";
import type { ReadTask } from "./read_definition.ts";

/**
 * By task, its axes in the order of the matrix. An axis also spreads from a task to those before it that take the results of
 * its earlier members, so the tasks are gone through until nothing changes.
 *
 * @param tasks in an order in which most come after what they depend on
 * @param axisRefs the references to axes in the params of each task
 */
export function reachedAxes(
  tasks: readonly ReadTask[],
  axisRefs: ReadonlyMap<string, readonly AxisPlace[]>,
  axes: Axes,
): Map<string, readonly string[]> {
  const found = new Map<string, readonly string[]>();
  for (let isSettled = false; !isSettled;) {
    isSettled = true;
    for (const task of tasks) {
      const reached = axisRefs.get(task.name)!.map(({ path }) => path.split(".")[0]);
      for (const { task: producer, over = [], before } of outputReferences(task)) {
        reached.push(...(found.get(producer) ?? []).filter((axis) => !over.includes(axis)));
        if (before) reached.push(before.axis);
      }
      const ordered = axes.ordered(reached);
      if (ordered.length !== found.get(task.name)?.length) isSettled = false;
      found.set(task.name, ordered);
    }
  }
  return found;
}
