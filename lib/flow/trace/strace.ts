/** Runs a process under strace(1), and passes on what strace prints about its files while it runs (Linux). */

import { join } from "node:path";
import { FlowError } from "../errors.ts";
import type { ProcessOptions, ProcessResult } from "../process/process.ts";

/** Every call by which a process reads a file, runs it, or takes it as it is. `io_uring_setup`: reads that no call shows. */
const CALLS = [
  "open,openat,openat2,open_by_handle_at,creat,getdents64,execve,execveat,io_uring_setup",
  "link,linkat,rename,renameat,renameat2,mkdir,mkdirat",
].join(",");

/** `-y` adds the path of every descriptor; `-z` leaves out calls that failed, and so prints each call on one line. */
const FLAGS = ["-f", "-q", "-y", "-z", "-s", "0", "-e", "signal=none", "-e", `trace=${CALLS}`];

/** Stops a process only at the calls that are traced. */
const FILTER = "--seccomp-bpf";

/** Ends the stream; strace prints no such line. */
const END = "end of trace";

/** strace as it can be used here: the program and its flags. */
export type Strace = readonly string[];

/** @throws FlowError no-strace */
export async function findStrace(): Promise<Strace> {
  const refusal = (why: string) =>
    new FlowError(
      "no-strace",
      `verify --trace needs strace, ${why}; on Debian and Ubuntu: apt-get install strace`,
    );
  if (Deno.build.os !== "linux") throw refusal(`which ${Deno.build.os} does not have: use Linux`);
  let said = "";
  for (const flags of [[FILTER, ...FLAGS], FLAGS]) {
    try {
      const args = [...flags, "-o", "/dev/null", "true"];
      const { success, stderr } = await new Deno.Command("strace", { args, stdout: "null" }).output();
      if (success) return ["strace", ...flags];
      said = new TextDecoder().decode(stderr).trim().split("\n").at(-1) ?? "";
    } catch {
      throw refusal("which is not found on PATH");
    }
  }
  throw refusal(`which may not trace processes here (${said})`);
}

export interface StraceOptions {
  readonly strace: Strace;
  /** Where the pipe is made that strace writes to. */
  readonly folder: string;
  readonly process: ProcessOptions;
  readonly start: (options: ProcessOptions) => Promise<ProcessResult>;
  /** Gets each line, in the order of the calls. The process waits while too many lines wait to be read. */
  readonly onLine: (line: string) => void;
}

/** Runs a process with `start`. A traced process is slow, so it has no time limit. */
export async function runTraced(options: StraceOptions): Promise<ProcessResult> {
  const { strace: [program, ...flags], folder, process } = options;
  const pipe = join(folder, `trace-${crypto.randomUUID().slice(0, 8)}`);
  const { success } = await new Deno.Command("mkfifo", { args: [pipe] }).output();
  if (!success) throw new FlowError("no-strace", `could not make the pipe ${pipe}`);
  // Open for both, so that neither end waits for the other one.
  using reader = Deno.openSync(pipe, { read: true, write: true });
  using writer = Deno.openSync(pipe, { read: true, write: true });
  try {
    const reading = readLines(reader, options.onLine);
    const argv = [program, ...flags, "-o", pipe, "--", ...process.argv];
    const result = await options.start({ ...process, argv, timeLimitMs: undefined });
    await writer.write(new TextEncoder().encode(`${END}\n`));
    const processes = await reading;
    if (result.reason.kind !== "signal" || processes.hasEnded) return result;
    const message = `strace, which traces the task, was killed by ${result.reason.signal}`;
    return { ...result, reason: { kind: "lost", message } };
  } finally {
    Deno.removeSync(pipe);
  }
}

/** Reads to the end of the trace. Once the traced program has ended, ends what it has left behind, as a run does. */
async function readLines(file: Deno.FsFile, onLine: (line: string) => void): Promise<Processes> {
  const chunk = new Uint8Array(1 << 16);
  const decoder = new TextDecoder();
  const processes = new Processes();
  for (let rest = "";;) {
    const length = await file.read(chunk);
    const lines = (rest + decoder.decode(chunk.subarray(0, length ?? 0), { stream: true })).split("\n");
    rest = lines.pop()!;
    for (const line of lines) {
      if (line === END) return processes;
      processes.take(line);
      onLine(line);
    }
  }
}

/** The traced processes that have not ended: strace waits for all of them, where a run waits for the first one only. */
class Processes {
  readonly #living = new Set<string>();
  #first: string | undefined;
  #hasEnded = false;

  /** Whether the first one is known to have ended. */
  get hasEnded(): boolean {
    return this.#hasEnded;
  }

  take(line: string): void {
    const [, pid, what] = /^(\d+) +(.*)/.exec(line) ?? [];
    if (pid === undefined) return;
    this.#first ??= pid;
    if (!/^\+\+\+ (exited|killed)/.test(what)) this.#living.add(pid);
    else {
      this.#living.delete(pid);
      this.#hasEnded ||= pid === this.#first;
    }
    if (!this.#hasEnded) return;
    for (const left of this.#living) {
      try {
        Deno.kill(Number(left), "SIGKILL");
      } catch {
        // It has ended meanwhile.
      }
    }
    this.#living.clear();
  }
}
