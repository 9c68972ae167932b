/** The children of a launcher: waits for their ends, and ends what they leave, without Deno's event loop. */

import type { ChildExit } from "../process/child.ts";
import { killStrays, MOST_ROUNDS } from "../process/strays.ts";
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

  /** Calls `ended` when the child `pid` has ended, and all of its descendants. */
  add(pid: number, mark: Record<string, string>, ended: (exit: ChildExit) => void): void {
    this.#running.add(pid);
    this.#whenEnded(pid, () => {
      this.#running.delete(pid);
      const exit = reap(pid);
      if (exit === undefined) throw new Error(`wait4 lost track of process ${pid}`);
      this.#endStrays(pid, mark, MOST_ROUNDS, () => ended(exit));
    });
  }

  #endStrays(leader: number, mark: Record<string, string>, rounds: number, done: () => void): void {
    const strays = rounds === 0 ? [] : killStrays(leader, mark, this.#running);
    let left = strays.length;
    if (left === 0) return done();
    for (const pid of strays) {
      this.#whenEnded(pid, () => {
        reap(pid);
        if (--left === 0) this.#endStrays(leader, mark, rounds - 1, done);
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
