/**
 * posix_spawn of the C library. Deno.Command forks with a pre_exec hook when it detaches, and pipes what it
 * captures: 1.7–2.4 ms a process here, against 0.4 ms this way.
 */

import { FlowError } from "../errors.ts";
import type { Child, SpawnOptions } from "./child.ts";
import { cString, cStringArray, OPAQUE_BYTES, openLibrary } from "../../system/libc.ts";
import { adoptOrphans, waitForTree } from "./wait_linux.ts";

const SETSIGDEF = 0x04;
const SETSIGMASK = 0x08;
const SETSID = 0x80;
const O_WRONLY_CREAT_APPEND = 0o1 | 0o100 | 0o2000;
const ERRORS: Record<number, string> = {
  1: "not permitted",
  2: "not found",
  7: "argument list too long",
  8: "not an executable",
  11: "no more processes allowed",
  12: "out of memory",
  13: "permission denied",
  24: "too many open files: raise the limit (ulimit -n), or run fewer jobs at once (--jobs)",
};

let libc: ReturnType<typeof openLibc> | undefined;
/** Signals that a shell expects at their default: all of them (Deno ignores SIGPIPE, and that would be inherited). */
const allSignals = new Uint8Array(OPAQUE_BYTES).fill(0xff, 0, 8);
const noSignals = new Uint8Array(OPAQUE_BYTES);

function openLibc() {
  const spawn = {
    parameters: ["buffer", "buffer", "buffer", "buffer", "buffer", "buffer"],
    result: "i32",
  } as const;
  const { symbols } = openLibrary(
    {
      // The calling thread is held until the child has called exec; that must not be the engine's.
      spawnOnOtherThread: { ...spawn, name: "posix_spawn", nonblocking: true },
      spawnOnThisThread: { ...spawn, name: "posix_spawn" },
      posix_spawn_file_actions_init: { parameters: ["buffer"], result: "i32" },
      posix_spawn_file_actions_destroy: { parameters: ["buffer"], result: "i32" },
      posix_spawn_file_actions_addopen: {
        parameters: ["buffer", "i32", "buffer", "i32", "u32"],
        result: "i32",
      },
      posix_spawn_file_actions_adddup2: { parameters: ["buffer", "i32", "i32"], result: "i32" },
      posix_spawn_file_actions_addchdir_np: { parameters: ["buffer", "buffer"], result: "i32" },
      posix_spawnattr_init: { parameters: ["buffer"], result: "i32" },
      posix_spawnattr_setflags: { parameters: ["buffer", "i16"], result: "i32" },
      posix_spawnattr_setsigdefault: { parameters: ["buffer", "buffer"], result: "i32" },
      posix_spawnattr_setsigmask: { parameters: ["buffer", "buffer"], result: "i32" },
    } as const,
  );
  adoptOrphans();
  return symbols;
}

/** Starts a child as this process sees the file system. @throws FlowError not-started */
export async function spawnLinux(program: string, options: SpawnOptions): Promise<Child> {
  const call = prepare(program, options);
  const pid = begun(await libc!.spawnOnOtherThread(...call.parameters), call, options.cwd);
  return { pid, exit: waitForTree({ leader: pid, mark: options.mark, cwd: options.cwd }) };
}

/**
 * Starts a child as the calling thread sees the file system, which may be another view than that of the other threads.
 *
 * @param log an open file descriptor, in the place of the path of the log
 * @returns its process id
 * @throws FlowError not-started
 */
export function spawnAsThisThread(
  program: string,
  options: Omit<SpawnOptions, "logFile"> & { log: number },
): number {
  const call = prepare(program, options);
  return begun(libc!.spawnOnThisThread(...call.parameters), call, options.cwd);
}

type Buffer = Uint8Array<ArrayBuffer>;

interface Call {
  readonly program: string;
  readonly pid: Int32Array<ArrayBuffer>;
  readonly actions: Buffer;
  readonly parameters: [Buffer, Buffer, Buffer, Buffer, Buffer, Buffer];
  /** What `parameters` point to. */
  readonly held: Buffer[];
}

function prepare(
  program: string,
  { argv, env, cwd, ...log }: Omit<SpawnOptions, "logFile"> & ({ log: number } | { logFile: string }),
): Call {
  const c = (libc ??= openLibc());
  const actions = new Uint8Array(OPAQUE_BYTES);
  const attributes = new Uint8Array(OPAQUE_BYTES);
  c.posix_spawn_file_actions_init(actions);
  c.posix_spawn_file_actions_addopen(actions, 0, cString("/dev/null"), 0, 0);
  if ("log" in log) c.posix_spawn_file_actions_adddup2(actions, log.log, 1);
  else c.posix_spawn_file_actions_addopen(actions, 1, cString(log.logFile), O_WRONLY_CREAT_APPEND, 0o644);
  c.posix_spawn_file_actions_adddup2(actions, 1, 2);
  c.posix_spawn_file_actions_addchdir_np(actions, cString(cwd));
  c.posix_spawnattr_init(attributes);
  c.posix_spawnattr_setflags(attributes, SETSID | SETSIGDEF | SETSIGMASK);
  c.posix_spawnattr_setsigdefault(attributes, allSignals);
  c.posix_spawnattr_setsigmask(attributes, noSignals);
  const args = cStringArray(argv);
  const environment = cStringArray(Object.entries(env).map(([name, value]) => `${name}=${value}`));
  const pid = new Int32Array(1);
  return {
    program,
    pid,
    actions,
    parameters: [
      new Uint8Array(pid.buffer),
      cString(program),
      actions,
      attributes,
      args.pointers,
      environment.pointers,
    ],
    held: [...args.strings, ...environment.strings],
  };
}

/** The process id of the child of a `call` that has returned `error`. */
function begun(error: number, call: Call, cwd: string): number {
  call.held.length = 0; // Until here it keeps the pointed-to memory alive.
  libc!.posix_spawn_file_actions_destroy(call.actions);
  if (error !== 0) {
    throw new FlowError(
      "not-started",
      `cannot start "${call.program}" in ${cwd}: ${ERRORS[error] ?? `error ${error}`}`,
    );
  }
  return call.pid[0];
}
