/** What is said of tasks that need more memory than they get, before they run. */

import type { ExpandedTask } from "../definition/expanded.ts";
import { count } from "../display/format.ts";
import type { TaskCost } from "../plan/estimate.ts";
import { type Costs, memoryText } from "./costs.ts";

/**
 * A line for each of the two ways in which `tasks` may lack memory, with the one that needs most.
 *
 * @param machineMB what the machine that they run on has, if that is known, in MiB
 */
export function memoryNotes(
  tasks: readonly ExpandedTask[],
  costs: Costs | undefined,
  machineMB = Infinity,
): string[] {
  const known = tasks.flatMap(({ id }) => {
    const cost = costs?.tasks.get(id);
    return cost === undefined ? [] : [{ ...cost, id }];
  });
  // A workflow may know better than an estimate what a task takes; but the least is what the task itself works by.
  const stated = known.filter(({ statedMB = Infinity, leastMB = 0 }) => statedMB < leastMB);
  const onMachine = known.filter((cost) => neededMB(cost) > machineMB);
  return [
    ...noteOf(
      stated,
      (cost) =>
        `memoryMB gives it ${
          memoryText(cost.statedMB!)
        }. It runs, but takes more than that, and is ended where ` +
        `memory is limited: set memoryMB to ${cost.leastMB} or more`,
    ),
    ...noteOf(
      onMachine,
      () =>
        `this machine has ${
          memoryText(machineMB)
        }: it is likely to be ended. Run it on another machine, or ` +
        "choose params that need less, such as a smaller batchSize",
    ),
  ];
}

function neededMB({ leastMB, memoryMB = 0 }: TaskCost): number {
  return leastMB ?? memoryMB;
}

function noteOf<Task extends TaskCost & { readonly id: string }>(
  tasks: readonly Task[],
  why: (task: Task) => string,
): string[] {
  if (tasks.length === 0) return [];
  const most = tasks.reduce((a, b) => neededMB(b) > neededMB(a) ? b : a);
  const more = tasks.length > 1 ? ` (${count(tasks.length - 1, "other task")} too)` : "";
  return [`${most.id} needs at least ${memoryText(neededMB(most))} of memory${more}, but ${why(most)}`];
}
