/**
 * A process that starts isolated tasks for the engine. A thread that Landlock has restricted stays so, and a user without
 * rights can make a mount namespace only in a process that has just begun: so neither is done in the engine's own.
 */

import { constants } from "node:os";
import { fileURLToPath } from "node:url";
import { FlowError } from "../errors.ts";
import type { Child, ChildExit, SpawnOptions } from "../process/child.ts";
import { signalGroup } from "../process/process_group.ts";
import { outOfMemoryKills } from "../process/process_tree.ts";
import { endProcessesIn } from "../store/work_processes.ts";
import type { LauncherAnswer, LauncherRequest, LauncherSetup, LauncherStart, Mount } from "./messages.ts";

const processModule = fileURLToPath(new URL("./launcher_process.ts", import.meta.url));
const encoder = new TextEncoder();
/** The bit of CAP_SYS_ADMIN among the effective capabilities. */
const MAY_MOUNT = 1n << 21n;

interface Started {
  readonly cwd: string;
  pid?: number;
  readonly child: PromiseWithResolvers<Child>;
  readonly exit: PromiseWithResolvers<ChildExit>;
}

/** The engine's side of a launcher: it starts tasks, and tells how they ended. Close it when no task is left. */
export class Launcher {
  readonly #process: Deno.ChildProcess;
  readonly #pipe: WritableStreamDefaultWriter<Uint8Array>;
  readonly #started = new Map<number, Started>();
  readonly #begun = Promise.withResolvers<LauncherStart>();
  readonly #kernelKills = outOfMemoryKills();
  #requests = 0;
  /** Why it has ended. */
  #end: string | undefined;

  private constructor(process: Deno.ChildProcess, setup: LauncherSetup) {
    this.#process = process;
    this.#pipe = process.stdin.getWriter();
    this.#tell(setup);
    this.#listen();
  }

  /** Starts a launcher, or tells why this system does not allow one. */
  static async start(setup: LauncherSetup): Promise<Launcher | { readonly unavailable: string }> {
    let process: Deno.ChildProcess;
    try {
      process = new Deno.Command("unshare", {
        args: [
          ...(mayMount() ? ["--mount"] : ["--user", "--map-current-user", "--mount", "--keep-caps"]),
          ...["--", Deno.execPath(), "run", "--quiet", "--no-config", "--no-check", "-A", processModule],
        ],
        cwd: "/",
        // In its own session it is not reached by Ctrl-C or the end of a terminal.
        detached: true,
        stdin: "piped",
        stdout: "piped",
        stderr: "piped",
      }).spawn();
    } catch (error) {
      return { unavailable: `the program unshare can't be started: ${(error as Error).message}` };
    }
    const launcher = new Launcher(process, setup);
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
    this.#tell({ start, program, options, mounts });
    return await started.child.promise;
  }

  get hasEnded(): boolean {
    return this.#end !== undefined;
  }

  /** The work folder `cwd` will not be used again. */
  forget(cwd: string): void {
    this.#tell({ forget: cwd });
  }

  async close(): Promise<void> {
    try {
      this.#process.kill("SIGKILL");
    } catch {
      // It has ended.
    }
    await this.#process.status;
  }

  #tell(line: LauncherSetup | LauncherRequest): void {
    // If it has ended, all that wait for an answer are told so.
    this.#pipe.write(encoder.encode(`${JSON.stringify(line)}\n`)).catch(() => {});
  }

  async #listen(): Promise<void> {
    let rest = "";
    const decoder = new TextDecoder();
    for await (const bytes of this.#process.stdout) {
      const lines = (rest + decoder.decode(bytes, { stream: true })).split("\n");
      rest = lines.pop()!;
      for (const line of lines) this.#take(JSON.parse(line));
    }
    const said = (await new Response(this.#process.stderr).text()).trim();
    const problem = `the process that starts isolated tasks has ended: ${said || await this.#endOf()}`;
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

  async #endOf(): Promise<string> {
    const { signal, code } = await this.#process.status;
    if (signal === null) return `exit code ${code}`;
    const kernel = outOfMemoryKills() > this.#kernelKills ? ", by the kernel for want of memory" : "";
    return `killed by ${signal}${kernel}; run the same command again`;
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

function mayMount(): boolean {
  const effective = /^CapEff:\s*([0-9a-f]+)$/m.exec(Deno.readTextFileSync("/proc/self/status"))?.[1] ?? "0";
  return (BigInt(`0x${effective}`) & MAY_MOUNT) !== 0n;
}
