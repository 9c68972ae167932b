/**
 * Isolation of tasks: each sees the files of the system, its inputs, read-only, and its own work folder, and can open no
 * other file. It is there on Linux since 5.19, where the user may make mount namespaces; elsewhere inputs are compared
 * when a task has ended (see run/lend.ts).
 */

import type { Store } from "../store/store.ts";
import { Launcher } from "./launcher.ts";
import { SYSTEM_FOLDERS } from "./readable.ts";

/** Set to `off`, it keeps tasks from being isolated. */
export const ISOLATION_VARIABLE = "PROTOFLOW_ISOLATION";

/** Gives the tasks of a run launchers. Close it when the run has ended. */
export class Isolation {
  readonly #store: Store;
  readonly #code: () => readonly string[];
  readonly #launchers: Launcher[] = [];
  /** By what their programs may read, as one text. */
  readonly #forPrograms = new Map<string, Promise<Launcher | undefined>>();
  #forKinds: Promise<Launcher | undefined> = Promise.resolve(undefined);
  #reason: string | undefined;

  /**
   * @param store tasks see nothing of it but their own work folders
   * @param code the files of all code that the tasks of this run are known to need
   */
  constructor(store: Store, code: () => readonly string[]) {
    this.#store = store;
    this.#code = code;
    if (Deno.build.os !== "linux") this.#reason = `${Deno.build.os} has no mount namespaces`;
    else if (Deno.env.get(ISOLATION_VARIABLE) === "off") this.#reason = `${ISOLATION_VARIABLE} is off`;
  }

  /** A launcher of programs that may read `paths`; undefined where tasks can't be isolated. */
  forProgram(paths: readonly string[]): Promise<Launcher | undefined> {
    const key = paths.join("\n");
    let launcher = this.#forPrograms.get(key);
    if (!launcher) this.#forPrograms.set(key, launcher = this.#start(paths));
    return launcher;
  }

  /** A launcher of kinds with the code in `files`, and of further kinds; undefined where tasks can't be isolated. */
  forKind(files: readonly string[]): Promise<Launcher | undefined> {
    this.#forKinds = this.#forKinds.then((launcher) => {
      if (launcher && files.every((file) => launcher.readable.has(file))) return launcher;
      return this.#start([...files, ...launcher?.readable ?? [], ...this.#code()]);
    });
    return this.#forKinds;
  }

  /** Why tasks are not isolated, where it is known that they can't be. */
  get unavailable(): string | undefined {
    return this.#reason;
  }

  async close(): Promise<void> {
    await Promise.all(this.#launchers.map((launcher) => launcher.close()));
  }

  async #start(paths: readonly string[]): Promise<Launcher | undefined> {
    if (this.#reason !== undefined) return undefined;
    const started = await Launcher.start({
      store: this.#store.folder,
      cover: this.#store.workFolder("cover"),
      readable: [...new Set([...SYSTEM_FOLDERS, ...paths])],
    });
    if ("unavailable" in started) this.#reason ??= started.unavailable;
    else this.#launchers.push(started);
    return started instanceof Launcher ? started : undefined;
  }
}
