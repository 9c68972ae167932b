/**
 * A process that starts isolated tasks for the engine. A thread that Landlock has restricted stays so, and a user without
 * rights can make a mount namespace only in a process that has just begun: so neither is done in the engine's own.
 */

import { constants } from "node:os";
import { fileURLToPath } from "node:url";
import { FlowError } from "../errors.ts";
import { messageOf } from "../failure.ts";
import type { Child, ChildExit, SpawnOptions } from "../process/child.ts";
import { signalGroup } from "../process/process_group.ts";
import { outOfMemoryKills } from "../process/process_tree.ts";
import { endProcessesIn } from "../store/work_processes.ts";
import { Channel, type ChannelPlace, openPlace } from "./channel.ts";
import type { LauncherAnswer, LauncherRequest, LauncherSetup, LauncherStart, Mount } from "./messages.ts";

const processModule = fileURLToPath(new URL("./launcher_process.ts", import.meta.url));
/** The bit of CAP_SYS_ADMIN among the effective capabilities. */
const MAY_MOUNT = 1n << 21n;

interface Started {
  readonly cwd: string;
  pid?: number;
  readonly child: PromiseWithResolvers<Child>;
  readonly exit: PromiseWithResolvers<ChildExit>;
}

/** The process of a launcher, and the way to it. */
interface Connected {
  readonly process: Deno.ChildProcess;
  readonly connection: Deno.Conn;
}

interface Unavailable {
  readonly unavailable: string;
}

/** The engine's side of a launcher: it starts tasks, and tells how they ended. Close it when no task is left. */
export class Launcher {
  readonly #process: Deno.ChildProcess;
  readonly #channel: Channel<LauncherStart | LauncherAnswer, LauncherSetup | LauncherRequest>;
  readonly #started = new Map<number, Started>();
  readonly #begun = Promise.withResolvers<LauncherStart>();
  readonly #kernelKills = outOfMemoryKills();
  #requests = 0;
  /** Why it has ended. */
  #end: string | undefined;

  private constructor({ process, connection }: Connected, readonly setup: LauncherSetup) {
    this.#process = process;
    this.#channel = new Channel(connection);
    this.#channel.send(setup);
    this.#listen();
  }

  /** Sets up a launcher, or tells why this system does not allow one. */
  static async start(setup: LauncherSetup, connecting = connect()): Promise<Launcher | Unavailable> {
    const connected = await connecting;
    if ("unavailable" in connected) return connected;
    const launcher = new Launcher(connected, setup);
    const begun = await launcher.#begun.promise;
    if ("ready" in begun) return launcher;
    await launcher.close();
    return begun;
  }

  /** Starts a task in its work folder, which sees `mounts` in it. @throws FlowError not-started */
  async spawn(program: string, options: SpawnOptions, mounts: readonly Mount[]): Promise<Child> {
    if (this.#end !== undefined) throw new FlowError("not-started", this.#end);
    const start = this.#requests++;
    const started: Started = {
      cwd: options.cwd,
      child: Promise.withResolvers<Child>(),
      exit: Promise.withResolvers<ChildExit>(),
    };
    this.#started.set(start, started);
    this.#channel.send({ start, program, options, mounts });
    return await started.child.promise;
  }

  get hasEnded(): boolean {
    return this.#end !== undefined;
  }

  /** The work folder `cwd` will not be used again. */
  forget(cwd: string): void {
    this.#channel.send({ forget: cwd });
  }

  async close(): Promise<void> {
    try {
      this.#process.kill("SIGKILL");
    } catch {
      // It has ended.
    }
    await this.#process.status;
  }

  async #listen(): Promise<void> {
    await this.#channel.receive((line) => this.#take(line));
    this.#channel.close();
    const kernel = outOfMemoryKills() > this.#kernelKills ? ", by the kernel for want of memory" : "";
    const problem = `${await endOf(this.#process)}${kernel}`;
    this.#end = problem;
    this.#begun.resolve({ unavailable: problem });
    for (const { cwd, pid, child, exit } of this.#started.values()) {
      // Nobody waits for it now, and its outputs must not be used. It may have been started without being told of.
      if (pid !== undefined) signalGroup(pid, "SIGKILL");
      endProcessesIn(cwd);
      child.reject(new FlowError("not-started", problem));
      exit.resolve({ code: null, signal: constants.signals.SIGKILL, lost: problem });
    }
  }

  #take(line: LauncherStart | LauncherAnswer): void {
    if (!("start" in line)) return this.#begun.resolve(line);
    const started = this.#started.get(line.start)!;
    const { child, exit } = started;
    if ("problem" in line) {
      this.#started.delete(line.start);
      return child.reject(new FlowError("not-started", line.problem));
    }
    started.pid = line.pid;
    child.resolve({ pid: line.pid, exit: exit.promise });
    if (line.exit === undefined) return;
    this.#started.delete(line.start);
    exit.resolve(line.exit);
  }
}

/**
 * Starts the process of a launcher, which can be set up later, or tells why it can't be started.
 *
 * @param signal ends it
 */
export async function connect(signal?: AbortSignal): Promise<Connected | Unavailable> {
  let place: ChannelPlace;
  try {
    place = openPlace();
  } catch (error) {
    return { unavailable: `no socket can be made for temporary use: ${messageOf(error)}` };
  }
  try {
    const process = startProcess(place.path, signal);
    const connection = await Promise.race([place.accept(), process.status]);
    return "close" in connection ? { process, connection } : { unavailable: await endOf(process) };
  } catch (error) {
    return { unavailable: `the program unshare can't be started: ${(error as Error).message}` };
  } finally {
    place.close();
  }
}

function startProcess(socket: string, signal: AbortSignal | undefined): Deno.ChildProcess {
  return new Deno.Command("unshare", {
    args: [
      ...(mayMount() ? ["--mount"] : ["--user", "--map-current-user", "--mount", "--keep-caps"]),
      ...["--", Deno.execPath(), "run", "--quiet", "--no-config", "--no-check", "-A", processModule, socket],
    ],
    cwd: "/",
    // In its own session it is not reached by Ctrl-C or the end of a terminal.
    detached: true,
    stdin: "null",
    stdout: "null",
    stderr: "piped",
    signal,
  }).spawn();
}

/** Waits for the end of a launcher, and says why it has ended. */
async function endOf(process: Deno.ChildProcess): Promise<string> {
  const said = (await new Response(process.stderr).text()).trim();
  const { signal, code } = await process.status;
  const how = signal === null ? `exit code ${code}` : `killed by ${signal}; run the same command again`;
  return `the process that starts isolated tasks has ended: ${said || how}`;
}

function mayMount(): boolean {
  const effective = /^CapEff:\s*([0-9a-f]+)$/m.exec(Deno.readTextFileSync("/proc/self/status"))?.[1] ?? "0";
  return (BigInt(`0x${effective}`) & MAY_MOUNT) !== 0n;
}
