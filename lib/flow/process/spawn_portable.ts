/** A child by Deno.Command, for systems where the C library's posix_spawn is not known to us. */

import { constants } from "node:os";
import { FlowError } from "../errors.ts";
import type { Child, SpawnOptions } from "./child.ts";
import { signalGroup } from "./process_group.ts";

// deno-lint-ignore require-await -- all ways of starting a child are asked in the same way
export async function spawnPortable(
  program: string,
  { argv, env, cwd, logFile }: SpawnOptions,
): Promise<Child> {
  const log = Deno.openSync(logFile, { create: true, append: true });
  const command = new Deno.Command(program, {
    args: argv.slice(1),
    env,
    cwd,
    clearEnv: true,
    detached: true,
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  });
  let child: Deno.ChildProcess;
  try {
    child = command.spawn();
  } catch (error) {
    log.close();
    throw new FlowError("not-started", `cannot start "${program}" in ${cwd}: ${(error as Error).message}`);
  }
  const copy = async (stream: ReadableStream<Uint8Array>) => {
    for await (const bytes of stream) log.writeSync(bytes);
  };
  const copies = Promise.allSettled([copy(child.stdout), copy(child.stderr)]);
  const exit = child.status.then(async (status) => {
    signalGroup(child.pid, "SIGKILL");
    // A grandchild that left the group may keep the pipes open after the child is gone.
    await Promise.race([copies, new Promise((resolve) => setTimeout(resolve, 200))]);
    log.close();
    const signal = status.signal === null ? null : constants.signals[status.signal as "SIGKILL"] ?? 0;
    return { code: signal === null ? status.code : null, signal };
  });
  return { pid: child.pid, exit };
}
