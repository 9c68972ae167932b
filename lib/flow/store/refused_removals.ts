/** What could not be removed: passed over, and reported once. */
import { messageOf } from "../failure.ts";
import { tryRemoveAll } from "./layout.ts";

export class RefusedRemovals {
  readonly #reasons = new Map<string, string>();

  /** Removes a file or folder; one that the system refuses to remove is remembered. */
  remove(path: string): void {
    const reason = tryRemoveAll(path);
    if (reason !== undefined) this.#reasons.set(path, reason);
  }

  /** Remembers a path that was refused elsewhere. */
  refused(path: string, error: unknown): void {
    this.#reasons.set(path, messageOf(error));
  }

  /** A sentence for each path that was refused since the last call. */
  report(): string[] {
    const lines = [...this.#reasons].map(([path, reason]) =>
      `could not remove ${path}: ${reason}. No run needs it; remove it by hand`
    );
    this.#reasons.clear();
    return lines;
  }
}
