/**
 * Isolation of tasks: each sees the files of the system, its inputs, read-only, and its own work folder, and can open no
 * other file. It is there on Linux since 5.19, where the user may make mount namespaces; elsewhere inputs are compared
 * when a task has ended (see run/lend.ts).
 */

import { StatKey } from "../store/stat_key.ts";
import type { Store } from "../store/store.ts";
import { ExpectedLauncher } from "./expected_launcher.ts";
import { isIsolationWanted } from "./is_wanted.ts";
import { Launcher } from "./launcher.ts";
import { SYSTEM_FOLDERS } from "./readable.ts";

interface LauncherOfKinds {
  readonly launcher: Launcher;
  /** The code that it may read: files and folders, each as it was when the launcher was started. */
  readonly known: ReadonlyMap<string, StatKey | undefined>;
}

/** Gives the tasks of a run launchers. Close it when the run has ended. */
export class Isolation {
  readonly #store: Store;
  /** All that were started, or are being started. */
  readonly #launchers: Promise<Launcher | undefined>[] = [];
  /** By what their programs may read, as one text. */
  readonly #forPrograms = new Map<string, Promise<Launcher | undefined>>();
  #forKinds: Promise<LauncherOfKinds | undefined> = Promise.resolve(undefined);
  /** Whether tasks are to be isolated if the system lets them be. */
  readonly isWanted = isIsolationWanted();
  #unavailable: string | undefined;
  readonly #expected: ExpectedLauncher;
  #isClosed = false;

  /**
   * @param store tasks see nothing of it but their own work folders
   * @param expected the process of the first launcher, if that was begun beforehand; it is closed with the isolation
   */
  constructor(store: Store, expected = new ExpectedLauncher()) {
    this.#store = store;
    this.#expected = expected;
  }

  /** Why the system did not let tasks be isolated; undefined if it did, or was not asked. */
  get unavailable(): string | undefined {
    return this.#unavailable;
  }

  /** A launcher will be asked for soon, it seems: its process is started meanwhile. */
  expect(): void {
    this.#expected.begin();
  }

  /** A launcher of programs that may read `paths`; undefined where tasks can't be isolated. */
  forProgram(paths: readonly string[]): Promise<Launcher | undefined> {
    const key = paths.join("\n");
    const last = this.#forPrograms.get(key) ?? this.#start(paths);
    const launcher = last.then((launcher) => launcher?.hasEnded ? this.#start(paths) : launcher);
    this.#forPrograms.set(key, launcher);
    return launcher;
  }

  /**
   * A launcher of kinds whose code is in `paths`, files and folders, and of other kinds; undefined where tasks can't be
   * isolated.
   */
  forKind(paths: readonly string[]): Promise<Launcher | undefined> {
    this.#forKinds = this.#forKinds.then((last) => {
      // An edited file may be another one of the same name, which the rules of a launcher are not for.
      const isKnown = (path: string) => {
        const [then, now] = [last?.known.get(path), keyIfSeen(path)];
        return then === undefined ? now === undefined : now?.isSameFile(then) === true;
      };
      return last && !last.launcher.hasEnded && paths.every(isKnown)
        ? last
        : this.#startForKinds([...paths, ...last?.known.keys() ?? []]);
    });
    return this.#forKinds.then((found) => found?.launcher);
  }

  async #startForKinds(paths: readonly string[]): Promise<LauncherOfKinds | undefined> {
    const known = new Map(paths.map((path) => [path, keyIfSeen(path)]));
    const launcher = await this.#start([...known.keys()]);
    return launcher && { launcher, known };
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#expected.close();
    const launchers = await Promise.all(this.#launchers);
    await Promise.all(launchers.map((launcher) => launcher?.close()));
  }

  #start(paths: readonly string[]): Promise<Launcher | undefined> {
    if (this.#isClosed) {
      return Promise.reject(new Error("a task asked for a launcher when the run had ended"));
    }
    if (!this.isWanted || this.#unavailable !== undefined) return Promise.resolve(undefined);
    const launcher = this.#launch(paths);
    this.#launchers.push(launcher);
    return launcher;
  }

  async #launch(paths: readonly string[]): Promise<Launcher | undefined> {
    const setup = {
      store: this.#store.folder,
      cover: this.#store.workFolder("cover"),
      readable: [...new Set([...SYSTEM_FOLDERS, ...paths])],
    };
    const started = await Launcher.start(setup, this.#expected.take());
    if (started instanceof Launcher) return started;
    this.#unavailable = started.unavailable;
  }
}

/** Undefined for a path where nothing is, or that the system does not let be looked at: no task reads what is there. */
function keyIfSeen(path: string): StatKey | undefined {
  try {
    return StatKey.of(path);
  } catch {
    return undefined;
  }
}
