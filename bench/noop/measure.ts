/** Times whole processes, and reads what they did to the disk. */

export interface Measurement {
  readonly what: string;
  readonly value: string;
  readonly bar: string;
  readonly met: boolean;
}

const projectFolder = new URL("../../", import.meta.url).pathname;

/** The command line that `deno task VERB` stands for. */
export function protoflow(...args: string[]): string[] {
  return [
    Deno.execPath(),
    "run",
    "-A",
    "--quiet",
    `--config=${projectFolder}deno.json`,
    `${projectFolder}main.ts`,
    ...args,
  ];
}

/** Runs a command; its time in milliseconds. A failure is an error with what it printed. */
export function time(command: readonly string[], cwd: string): number {
  const began = performance.now();
  const { success, stdout, stderr } = new Deno.Command(command[0], {
    args: command.slice(1),
    cwd,
    stdout: "piped",
    stderr: "piped",
  }).outputSync();
  const ms = performance.now() - began;
  if (success) return ms;
  const decoder = new TextDecoder();
  throw new Error(
    `${command.join(" ")}\n${decoder.decode(stdout).slice(-2000)}${decoder.decode(stderr).slice(-2000)}`,
  );
}

/** The median times of several things, which take turns so that all meet the same weather. */
export function medians(rounds: number, ...runs: (() => number)[]): number[] {
  const times = runs.map(() => [] as number[]);
  for (let round = 0; round < rounds; round++) runs.forEach((run, i) => times[i].push(run()));
  return times.map((list) => list.sort((a, b) => a - b)[rounds >> 1]);
}

/** Is ninja there? Says once that it is not. */
export function hasNinja(): boolean {
  try {
    return new Deno.Command("ninja", { args: ["--version"], stdout: "null" }).outputSync().success;
  } catch {
    console.log("  --  ninja is not installed (Debian: ninja-build): the bars against it are left out");
    return false;
  }
}

export const ms = (value: number) => `${value.toFixed(1)} ms`;
