/** The process of a launcher, started while it is still being found out what tasks there are to run. */

import { isIsolationWanted } from "./is_wanted.ts";
import { connect } from "./launcher.ts";

/** At most one process that waits to be set up. Close it when no launcher will be asked for any more. */
export class ExpectedLauncher {
  readonly #abort = new AbortController();
  #connecting: ReturnType<typeof connect> | undefined;

  /** A launcher will be asked for soon, it seems. May be called again. */
  begin(): void {
    if (isIsolationWanted()) this.#connecting ??= connect(this.#abort.signal);
  }

  /** The process, which then is the caller's; undefined where none was begun, or it was taken. */
  take(): ReturnType<typeof connect> | undefined {
    const connecting = this.#connecting;
    this.#connecting = undefined;
    return connecting;
  }

  /** Ends the process if nobody took it. */
  async close(): Promise<void> {
    this.#abort.abort();
    const unused = await this.take();
    if (unused && "connection" in unused) {
      unused.connection.close();
      await unused.process.status;
    }
  }
}
