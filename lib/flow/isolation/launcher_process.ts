/**
 * The process that starts isolated tasks (see launcher.ts): takes requests by a socket, and answers by it.
 *
 * Its main thread is restricted by Landlock once, enters a task's mount namespace, and starts the task, which inherits
 * both. A thread for mounts makes the namespaces.
 */

import { messageOf } from "../failure.ts";
import { spawnAsThisThread } from "../process/spawn_linux.ts";
import { Children } from "./children.ts";
import { enterOrEnd } from "./enter_or_end.ts";
import { LineSocket } from "./line_socket.ts";
import { closeFile, dropMountRights, enterNamespace, openLog, thisNamespace } from "./linux_calls.ts";
import { restrictReading } from "./landlock.ts";
import type {
  LauncherAnswer,
  LauncherRequest,
  LauncherSetup,
  LauncherStart,
  Namespace,
  StartRequest,
} from "./messages.ts";
import { Namespaces } from "./namespaces.ts";
import { Poller } from "./poller.ts";

/** A task that runs for longer than this is told of before it ends: each line wakes the engine. */
const LONGER_MS = 10;

/** A process that the engine was not told of. */
interface Untold {
  readonly pid: number;
  readonly since: number;
}

class LauncherProcess {
  readonly #poller = new Poller();
  readonly #engine: LineSocket<LauncherSetup | LauncherRequest, LauncherStart | LauncherAnswer>;
  readonly #namespaces = new Namespaces(this.#poller);
  readonly #children = new Children(this.#poller);
  /** By the number of the request, the oldest first. */
  readonly #untold = new Map<number, Untold>();
  #home = 0;
  /** Requests that came before it was set up; undefined once it is. */
  #early: LauncherRequest[] | undefined = [];

  constructor(socket: string) {
    this.#engine = LineSocket.connect(socket);
    this.#engine.listen(this.#poller, (line) => {
      if ("store" in line) this.#setUp(line);
      else this.#take(line);
    });
  }

  /** Serves the engine for as long as that is there; its watchdog ends the tasks of one that was killed. */
  serve(): never {
    for (;;) {
      const [oldest] = this.#untold.values();
      this.#poller.wait(oldest && oldest.since + LONGER_MS - performance.now());
      this.#tellOfLonger();
      this.#namespaces.flush();
      this.#engine.flush();
    }
  }

  #setUp(setup: LauncherSetup): void {
    this.#namespaces.setUp(setup, (result) => {
      if ("problem" in result) return this.#engine.send({ unavailable: result.problem });
      try {
        this.#home = thisNamespace();
        restrictReading({ paths: setup.readable, own: result.cover });
        dropMountRights();
      } catch (error) {
        return this.#engine.send({ unavailable: messageOf(error) });
      }
      this.#engine.send({ ready: true });
      const early = this.#early!;
      this.#early = undefined;
      for (const request of early) this.#take(request);
    });
  }

  #take(request: LauncherRequest): void {
    if (this.#early !== undefined) this.#early.push(request);
    else if ("forget" in request) this.#namespaces.forget(request.forget);
    else this.#start(request);
  }

  #start(request: StartRequest): void {
    const { start, options, mounts } = request;
    this.#namespaces.use(options.cwd, mounts, (made) => {
      if ("problem" in made) return this.#engine.send({ start, problem: made.problem });
      try {
        this.#startIn(made, request);
      } catch (error) {
        this.#engine.send({ start, problem: messageOf(error) });
      }
    });
  }

  /** @throws Error where the task can't be started */
  #startIn(namespace: Namespace, { start, program, options }: StartRequest): void {
    const log = openLog(options.logFile);
    let pid: number;
    try {
      enterNamespace(namespace.fd);
      pid = spawnAsThisThread(program, { ...options, log });
    } finally {
      closeFile(log);
      enterOrEnd(this.#home);
    }
    this.#untold.set(start, { pid, since: performance.now() });
    const { mark, cwd } = options;
    this.#children.add({ leader: pid, mark, cwd, namespace: namespace.name }, (exit) => {
      this.#untold.delete(start);
      this.#engine.send({ start, pid, exit });
    });
  }

  #tellOfLonger(): void {
    const before = performance.now() - LONGER_MS;
    for (const [start, { pid, since }] of this.#untold) {
      if (since > before) return;
      this.#untold.delete(start);
      this.#engine.send({ start, pid });
    }
  }
}

new LauncherProcess(Deno.args[0]).serve();
