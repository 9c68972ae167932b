/** What may end a chain early: it stands among the tasks of a workflow, and is none of its own. */
import type { AnyKind } from "../kind.ts";
import type { Problems } from "./problems.ts";
import type { ReadTask } from "./read_definition.ts";

/** Whether it is what may end another task early. */
export const isStop = ({ name }: ReadTask): boolean => name.includes(".");

/** Tells where a task that may be stopped is no chain, and where what may stop it can't. */
export function checkStop(task: ReadTask, kind: AnyKind, problems: Problems): void {
  if (task.stop !== undefined && !(kind.chain && kind.outputs.includes("log"))) {
    problems.add({
      task: task.name,
      field: "stop",
      message: `kind ${kind.name} is no chain with an output log, so there is nothing to stop`,
    });
  }
  if (!isStop(task) || ["verdict", "log"].every((name) => kind.outputs.includes(name))) return;
  problems.add({
    task: task.name,
    field: "kind",
    message: `kind ${kind.name} can't stop a chain`,
    expected: "a kind with the outputs verdict and log",
  });
}
