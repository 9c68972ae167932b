/** The options for starting a child process, and its result. */

export interface SpawnOptions {
  /** Program and arguments; a program without a slash is looked up on the PATH of `env`. */
  argv: string[];
  /** The whole environment of the child: nothing is inherited. */
  env: Record<string, string>;
  cwd: string;
  /** Standard output and error are appended to this file. */
  logFile: string;
}

export interface ChildExit {
  /** Exit code, or null when a signal ended it. */
  code: number | null;
  signal: number | null;
  /** User and system time of the child and its waited-for children; unknown if the platform does not report it. */
  cpuMs?: number;
  /** Largest resident set, as the kernel counted it at exit, in bytes. */
  peakBytes?: number;
}

export interface Child {
  pid: number;
  exit: Promise<ChildExit>;
}
