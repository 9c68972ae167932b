/** The children of a launcher: waits for their ends, and ends what they leave, without Deno's event loop. */

import type { ChildExit } from "../process/child.ts";
import { type ActionProcesses, killStrays, MOST_ROUNDS } from "../process/strays.ts";
import { reap } from "../process/wait_linux.ts";
import { closeFile, openProcess } from "./linux_calls.ts";
import type { Poller } from "./poller.ts";

export class Children {
  readonly #poller: Poller;
  /** Those that are not known to have ended. */
  readonly #running = new Set<number>();

  constructor(poller: Poller) {
    this.#poller = poller;
  }

  /** Calls `ended` when the leader of `action`, a child of this process, has ended, and all of its descendants. */
  add(action: ActionProcesses, ended: (exit: ChildExit) => void): void {
    const pid = action.leader;
    this.#running.add(pid);
    this.#whenEnded(pid, () => {
      this.#running.delete(pid);
      const exit = reap(pid);
      if (exit === undefined) throw new Error(`wait4 lost track of process ${pid}`);
      this.#endStrays(action, MOST_ROUNDS, () => ended(exit));
    });
  }

  #endStrays(action: ActionProcesses, rounds: number, done: () => void): void {
    const strays = rounds === 0 ? [] : killStrays(action, this.#running);
    let left = strays.length;
    if (left === 0) return done();
    for (const pid of strays) {
      this.#whenEnded(pid, () => {
        reap(pid);
        if (--left === 0) this.#endStrays(action, rounds - 1, done);
      });
    }
  }

  #whenEnded(pid: number, ended: () => void): void {
    const fd = openProcess(pid);
    this.#poller.watch(fd, {
      ready: () => {
        this.#poller.forget(fd);
        closeFile(fd);
        ended();
      },
    });
  }
}
