/** The options for starting a child process, and its result. */

/** What a child is started with. */
export interface SpawnOptions {
  /** Program and arguments; a program without a slash is looked up on the PATH of `env`. */
  argv: string[];
  /** The whole environment of the child: nothing is inherited. */
  env: Record<string, string>;
  cwd: string;
  /** Standard output and error are appended to this file. */
  logFile: string;
  /** Variables of `env` with a value that no other child has: its descendants are found by them. */
  mark?: Record<string, string>;
}

/** How a child ended, and the resources it used. */
export interface ChildExit {
  /** Exit code, or null when a signal ended it. */
  code: number | null;
  signal: number | null;
  /** User and system time of the child and its waited-for children; unknown if the platform does not report it. */
  cpuMs?: number;
  /** The process that had started it has ended, for this reason, and it was ended too. */
  lost?: string;
  /** Largest resident set, as the kernel counted it at exit, in bytes; unknown where that could be the parent's. */
  peakBytes?: number;
}

/** A child that was started. */
export interface Child {
  pid: number;
  /** Resolves when the child has ended and, where they can be found, all processes that it started. */
  exit: Promise<ChildExit>;
}

/** Starts `program` with the arguments of `options`. @throws FlowError not-started */
export type StartChild = (program: string, options: SpawnOptions) => Promise<Child>;
