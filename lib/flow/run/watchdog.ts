/**
 * Ends the processes of actions when the engine is killed, in whatever they are, a program or a call into native code:
 * a process beside the engine is told of each of them by a pipe, and the pipe ends with the engine. One for a run costs
 * less than a process around each program, and unlike a signal at a parent's death it is not for one system only.
 */

import { fileURLToPath } from "node:url";
import type { Store } from "../store/store.ts";

const processModule = fileURLToPath(new URL("./watchdog_process.ts", import.meta.url));
const encoder = new TextEncoder();

export class Watchdog {
  readonly #store: Store;
  #process: Deno.ChildProcess | undefined;
  #pipe: WritableStreamDefaultWriter<Uint8Array> | undefined;

  /** @param store has the work folders of the actions */
  constructor(store: Store) {
    this.#store = store;
  }

  /** `leader`, with the group that it leads, is to end with the engine. */
  watch(leader: number): void {
    if (this.#pipe === undefined) this.#start();
    this.#tell(`+${leader}\n`);
  }

  /** Nothing is left of the group of `leader`. */
  release(leader: number): void {
    this.#tell(`-${leader}\n`);
  }

  /** Nothing is left of any group. */
  async close(): Promise<void> {
    if (this.#process === undefined) return;
    try {
      this.#process.kill("SIGKILL");
    } catch {
      // Somebody else has ended it.
    }
    await this.#process.status;
  }

  #start(): void {
    this.#process = new Deno.Command(Deno.execPath(), {
      args: ["run", "--quiet", "--no-config", "--no-check", "-A", processModule, this.#store.workRoot()],
      // In a session of its own, Ctrl-C and the end of a terminal do not reach it.
      detached: true,
      stdin: "piped",
      stdout: "null",
      stderr: "null",
    }).spawn();
    this.#process.unref();
    this.#pipe = this.#process.stdin.getWriter();
  }

  #tell(line: string): void {
    // Without it the next run ends what a killed engine has left.
    this.#pipe!.write(encoder.encode(line)).catch(() => {});
  }
}
