/** Measures the time of whole processes. */

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
    "--unstable-lazy-dynamic-imports",
    "--quiet",
    `--config=${projectFolder}deno.json`,
    `${projectFolder}main.ts`,
    ...args,
  ];
}

/** Runs a command and returns its time in milliseconds. If it fails, throws an error with its output. */
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

/** The median times of several functions, which alternate so that changing load affects all of them. */
export function medians(rounds: number, ...runs: (() => number)[]): number[] {
  const times = runs.map(() => [] as number[]);
  for (let round = 0; round < rounds; round++) runs.forEach((run, i) => times[i].push(run()));
  return times.map((list) => list.sort((a, b) => a - b)[rounds >> 1]);
}

/** Whether ninja is installed. Prints once if it is not. */
export function hasNinja(): boolean {
  try {
    return new Deno.Command("ninja", { args: ["--version"], stdout: "null" }).outputSync().success;
  } catch {
    console.log(" -- ninja is not installed (Debian: ninja-build): comparisons with it are skipped");
    return false;
  }
}

export const ms = (value: number) => `${value.toFixed(1)} ms`;
