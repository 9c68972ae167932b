/** The mount namespaces of work folders, which a launcher's thread for mounts makes. */

import { StatKey } from "../store/stat_key.ts";
import { LineSocket } from "./line_socket.ts";
import type { LauncherSetup, Mount, MountAnswer, MountRequest, Namespace } from "./messages.ts";
import type { Poller } from "./poller.ts";

interface MadeNamespace {
  readonly namespace: Namespace;
  readonly mounts: string;
  /** The folders of its shared memory before a task had used it. */
  readonly unused: readonly StatKey[];
}

export class Namespaces {
  readonly #thread: LineSocket<MountAnswer, MountRequest>;
  readonly #made = new Map<string, MadeNamespace>();
  readonly #waiting = new Map<number | undefined, (answer: MountAnswer) => void>();
  #asked = 0;

  constructor(poller: Poller) {
    const [ours, theirs] = LineSocket.pair();
    new Worker(new URL("./mount_thread.ts", import.meta.url), { type: "module", name: String(theirs) });
    this.#thread = new LineSocket(ours);
    this.#thread.listen(poller, (answer) => {
      const number = "make" in answer ? answer.make : undefined;
      const take = this.#waiting.get(number);
      this.#waiting.delete(number);
      take?.(answer);
    });
  }

  /** @param done called with the folder that is over the store, or with why the system does not allow it */
  setUp(setup: LauncherSetup, done: (result: { cover: number } | { problem: string }) => void): void {
    this.#ask(undefined, { setUp: setup }, (answer) => {
      done("cover" in answer || "problem" in answer ? answer : { problem: "no answer" });
    });
  }

  /**
   * Calls `use` with the namespace of `cwd` that has these mounts: the one of an earlier process if that did not use its
   * shared memory, or else a new one; or with why there is none. A namespace may be closed as soon as `use` has returned.
   */
  use(cwd: string, mounts: readonly Mount[], use: (made: Namespace | { problem: string }) => void): void {
    const made = this.#ofEarlierProcess(cwd, mounts);
    if (made !== undefined) return use(made);
    this.#close(cwd);
    const make = this.#asked++;
    this.#ask(make, { make, cwd, mounts }, (answer) => {
      if (!("namespace" in answer)) return use("problem" in answer ? answer : { problem: "no answer" });
      // Another process of the same task may have got one meanwhile.
      this.#close(cwd);
      const { namespace } = answer;
      this.#made.set(cwd, { namespace, mounts: JSON.stringify(mounts), unused: foldersOf(namespace) });
      use(namespace);
    });
  }

  /** No process will be started in `cwd` again, and none is running. */
  forget(cwd: string): void {
    this.#close(cwd);
    this.#thread.send({ forget: cwd });
  }

  /** Sends what was asked for. */
  flush(): void {
    this.#thread.flush();
  }

  #ofEarlierProcess(cwd: string, mounts: readonly Mount[]): Namespace | undefined {
    const made = this.#made.get(cwd);
    if (made === undefined || made.mounts !== JSON.stringify(mounts)) return undefined;
    // Sizes and modes tell of what was left, also where it was left within a tick of the clock.
    const now = foldersOf(made.namespace);
    const isUnused = now.length === made.unused.length && now.every((key, i) => key.equals(made.unused[i]));
    return isUnused ? made.namespace : undefined;
  }

  #close(cwd: string): void {
    const made = this.#made.get(cwd);
    if (made === undefined) return;
    this.#made.delete(cwd);
    this.#thread.send({ close: made.namespace });
  }

  #ask(number: number | undefined, request: MountRequest, take: (answer: MountAnswer) => void): void {
    this.#waiting.set(number, take);
    this.#thread.send(request);
  }
}

function foldersOf({ sharedMemory }: Namespace): StatKey[] {
  if (sharedMemory === undefined) return [];
  const { fd, folders } = sharedMemory;
  return ["", ...folders].flatMap((folder) => StatKey.of(`/proc/self/fd/${fd}${folder}`) ?? []);
}
