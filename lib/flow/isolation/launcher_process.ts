/**
 * The process that starts isolated tasks (see launcher.ts): takes requests by a channel, and answers by it.
 *
 * Its main thread is restricted by Landlock once, enters a task's mount namespace, and starts the task, which inherits
 * both. A thread for mounts makes the namespaces.
 */

import { messageOf } from "../failure.ts";
import { spawnAsThisThread } from "../process/spawn_linux.ts";
import { StatKey } from "../store/stat_key.ts";
import { Channel, connectTo } from "./channel.ts";
import { closeFile, dropMountRights, enterNamespace, openLog, thisNamespace } from "./linux_calls.ts";
import { restrictReading } from "./landlock.ts";
import type {
  LauncherAnswer,
  LauncherRequest,
  LauncherSetup,
  LauncherStart,
  Mount,
  MountAnswer,
  MountRequest,
  Namespace,
  StartRequest,
} from "./messages.ts";

/** A task that runs for longer than this is told of before it ends. */
const LONGER_MS = 5;

const channel = new Channel<LauncherSetup | LauncherRequest, LauncherStart | LauncherAnswer>(
  await connectTo(Deno.args[0]),
);

interface MadeNamespace {
  readonly namespace: Namespace;
  readonly mounts: string;
  /** The folders of its shared memory before a task had used it. */
  readonly unused: readonly StatKey[];
}

/** The namespaces of work folders, made by the thread for mounts. */
class Namespaces {
  readonly #thread = new Worker(new URL("./mount_thread.ts", import.meta.url), { type: "module" });
  readonly #made = new Map<string, MadeNamespace>();
  readonly #waiting = new Map<number | undefined, PromiseWithResolvers<MountAnswer>>();
  #asked = 0;

  constructor() {
    this.#thread.onmessage = ({ data }: MessageEvent<MountAnswer>) => {
      const number = "make" in data ? data.make : undefined;
      this.#waiting.get(number)?.resolve(data);
      this.#waiting.delete(number);
    };
  }

  /** @returns the folder that is over the store. @throws Error where the system does not allow it */
  async setUp(setup: LauncherSetup): Promise<number> {
    const answer = await this.#ask(undefined, { setUp: setup });
    if ("cover" in answer) return answer.cover;
    throw new Error("problem" in answer ? answer.problem : "no answer");
  }

  /**
   * Calls `use` with the namespace of `cwd` that has these mounts: the one of an earlier process if that did not use its
   * shared memory, or else a new one. `use` ends before it returns: a namespace may be closed as soon as it has.
   *
   * @throws Error where no namespace can be made
   */
  async use(cwd: string, mounts: readonly Mount[], use: (namespace: Namespace) => void): Promise<void> {
    const made = this.#ofEarlierProcess(cwd, mounts);
    if (made !== undefined) return use(made);
    this.#close(cwd);
    const make = this.#asked++;
    const answer = await this.#ask(make, { make, cwd, mounts });
    if (!("namespace" in answer)) throw new Error("problem" in answer ? answer.problem : "no answer");
    // Another process of the same task may have got one meanwhile.
    this.#close(cwd);
    const { namespace } = answer;
    this.#made.set(cwd, { namespace, mounts: JSON.stringify(mounts), unused: foldersOf(namespace) });
    use(namespace);
  }

  /** No process will be started in `cwd` again, and none is running. */
  forget(cwd: string): void {
    this.#close(cwd);
    this.#tell({ forget: cwd });
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
    this.#tell({ close: made.namespace });
  }

  #tell(request: MountRequest): void {
    this.#thread.postMessage(request);
  }

  #ask(number: number | undefined, request: MountRequest): Promise<MountAnswer> {
    const waiting = Promise.withResolvers<MountAnswer>();
    this.#waiting.set(number, waiting);
    this.#tell(request);
    return waiting.promise;
  }
}

function foldersOf({ sharedMemory }: Namespace): StatKey[] {
  if (sharedMemory === undefined) return [];
  const { fd, folders } = sharedMemory;
  return ["", ...folders].flatMap((folder) => StatKey.of(`/proc/self/fd/${fd}${folder}`) ?? []);
}

async function start(namespaces: Namespaces, home: number, request: StartRequest): Promise<void> {
  try {
    const { options, mounts } = request;
    await namespaces.use(options.cwd, mounts, (namespace) => startIn(namespace, home, request));
  } catch (error) {
    channel.send({ start: request.start, problem: messageOf(error) });
  }
}

/** @throws Error where the task can't be started */
function startIn(namespace: Namespace, home: number, { start, program, options }: StartRequest): void {
  const log = openLog(options.logFile);
  try {
    enterNamespace(namespace.fd);
    const { pid, exit } = spawnAsThisThread(program, { ...options, log });
    // A short task is told of once, when it has ended: each line wakes the engine.
    const longer = setTimeout(() => channel.send({ start, pid }), LONGER_MS);
    exit.then((exit) => {
      clearTimeout(longer);
      channel.send({ start, pid, exit });
    });
  } finally {
    closeFile(log);
    goHome(home);
  }
}

/** A thread that stayed in a task's namespace would start the next task there: so the process ends if it can't leave. */
function goHome(home: number): void {
  try {
    enterNamespace(home);
  } catch (error) {
    console.error(messageOf(error));
    Deno.exit(1);
  }
}

/** Takes the requests that follow the first line, once the system has let it be set up. */
class Requests {
  #namespaces: Namespaces | undefined;
  #home = 0;
  /** Requests that came meanwhile. */
  readonly #setUp = Promise.withResolvers<void>();

  take(line: LauncherSetup | LauncherRequest): void {
    if ("store" in line) this.#prepare(line);
    else if (this.#namespaces === undefined) this.#setUp.promise.then(() => this.take(line));
    else if ("forget" in line) this.#namespaces.forget(line.forget);
    else start(this.#namespaces, this.#home, line);
  }

  async #prepare(setup: LauncherSetup): Promise<void> {
    try {
      const namespaces = new Namespaces();
      const own = await namespaces.setUp(setup);
      this.#home = thisNamespace();
      restrictReading({ paths: setup.readable, own });
      dropMountRights();
      this.#namespaces = namespaces;
      channel.send({ ready: true });
      this.#setUp.resolve();
    } catch (error) {
      channel.send({ unavailable: messageOf(error) });
    }
  }
}

const requests = new Requests();
await channel.receive((line) => requests.take(line));
// The engine has ended, and its watchdog ends the tasks; or nothing can be started here.
Deno.exit(0);
