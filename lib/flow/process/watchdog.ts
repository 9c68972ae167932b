/**
 * Ends the processes of actions when the engine is killed: a process beside it reads a pipe, which ends with the engine.
 * So they need not do anything for it themselves, be they programs or busy in a call of native code.
 */

import { fileURLToPath } from "node:url";
import type { Store } from "../store/store.ts";

const processModule = fileURLToPath(new URL("./watchdog_process.ts", import.meta.url));
const encoder = new TextEncoder();

/** Ends the processes of all actions if the engine is killed: a separate process that notices the engine's end. */
export class Watchdog {
  readonly #store: Pick<Store, "workRoot">;
  readonly #leaders = new Set<number>();
  #process: Deno.ChildProcess | undefined;
  #pipe: WritableStreamDefaultWriter<Uint8Array> | undefined;

  /** @param store has the work folders of the actions */
  constructor(store: Pick<Store, "workRoot">) {
    this.#store = store;
  }

  /**
   * The group of `leader` is to end with the engine, and with it, where they can be found (Linux), all processes that work
   * in the store's work folders. May be called again. It is not worth it for a short one.
   */
  watch(leader: number): void {
    if (this.#leaders.has(leader)) return;
    if (this.#process === undefined) this.#start();
    this.#leaders.add(leader);
    this.#tell(`+${leader}\n`);
  }

  /** Nothing is left of the group of `leader`. */
  release(leader: number): void {
    if (this.#leaders.delete(leader)) this.#tell(`-${leader}\n`);
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
      // In its own session it is not reached by Ctrl-C or the end of a terminal.
      detached: true,
      stdin: "piped",
      stdout: "null",
      stderr: "null",
    }).spawn();
    this.#process.unref();
    this.#pipe = this.#process.stdin.getWriter();
  }

  #tell(line: string): void {
    // Without it, the next run ends the processes that a killed engine left.
    this.#pipe!.write(encoder.encode(line)).catch(() => {});
  }
}
