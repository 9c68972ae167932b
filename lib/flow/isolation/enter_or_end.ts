/** Back into the namespace of a thread of the launcher, from that of a task. */

import { messageOf } from "../failure.ts";
import { endProcess, enterNamespace } from "./linux_calls.ts";

/** A thread that stayed in a task's namespace would start the next task there: so the process ends if it can't leave. */
export function enterOrEnd(namespace: number): void {
  try {
    enterNamespace(namespace);
  } catch (error) {
    console.error(messageOf(error));
    endProcess(1);
  }
}
