/** The commands of Slurm that are called, and how their answers are read. */

import { FlowError } from "../errors.ts";

/** A job, or an element of an array, as `squeue` shows it. */
export interface QueuedJob {
  readonly job: string;
  readonly element: number;
  readonly name: string;
  /** In Slurm's words, such as `PENDING` or `NODE_FAIL`. */
  readonly state: string;
  readonly reason: string;
  readonly node: string;
  /** Milliseconds since 1970; undefined while it waits. */
  readonly since?: number;
}

/** What a partition has. */
export interface ClusterSize {
  readonly cpu: number;
  readonly memoryMB: number;
  readonly gpus: number;
  /** The most that one node has. */
  readonly largest: { readonly cpu: number; readonly memoryMB: number };
}

/** What commands say where the controller or munge is busy or being restarted. */
export const NO_ANSWER =
  /timed out|unable to contact|connection refused|connection reset|communication|zero bytes|munge/i;
/** At the beginning of a run Slurm is asked again after these times. */
const PATIENCE_MS = [1000, 4000, 10_000];

const FIELDS = ["%F", "%K", "%j", "%T", "%r", "%N", "%M"].join("|");

/**
 * Hands a script over; the id of its job.
 *
 * @param environment of the job, where it is not to have that of this process
 * @throws FlowError slurm with what Slurm says
 */
export async function sbatch(
  args: readonly string[],
  environment: Readonly<Record<string, string>> = Deno.env.toObject(),
): Promise<string> {
  // With a list, NIL or NONE the node would run a login shell of the user first, for the variables that this sets.
  const { text, problem } = await call("sbatch", ["--parsable", "--export=ALL", ...args], environment);
  const id = /^(\d+)/m.exec(text)?.[1];
  if (problem === undefined && id !== undefined) return id;
  throw new FlowError(
    "slurm",
    `Slurm does not take the job: ${problem ?? text}; it was: sbatch ${args.join(" ")}`,
  );
}

/** All jobs of this user that Slurm still knows, also those that have ended; a text says why they can't be had. */
export async function squeue(): Promise<QueuedJob[] | string> {
  const { text, problem } = await call("squeue", [
    "--me",
    "--noheader",
    "--array",
    "--states=all",
    `--format=${FIELDS}`,
  ]);
  return problem ?? parseQueue(text, Date.now());
}

/** @param now milliseconds since 1970 */
export function parseQueue(text: string, now: number): QueuedJob[] {
  return text.split("\n").filter(Boolean).map((line) => {
    const [job, element, name, state, reason, node, used] = line.split("|");
    return {
      job,
      element: Number(element) || 0,
      name,
      state,
      reason,
      node,
      ...(state !== "PENDING" && { since: now - milliseconds(used) }),
    };
  });
}

/** `D-HH:MM:SS`, `HH:MM:SS` or `MM:SS` in milliseconds. */
function milliseconds(text: string): number {
  const [clock, days = "0"] = text.split("-").reverse();
  const seconds = clock.split(":").reduce((sum, part) => sum * 60 + (Number(part) || 0), 0);
  return (Number(days) * 86_400 + seconds) * 1000;
}

/** What is left of the time limit of the job that this process is in, in milliseconds; undefined where that is not known. */
export async function timeLeftMs(): Promise<number | undefined> {
  const job = Deno.env.get("SLURM_JOB_ID") ?? "";
  const { text } = await call("squeue", ["--noheader", `--jobs=${job}`, "--format=%L"]);
  return /^[\d:-]+$/.test(text.trim()) ? milliseconds(text.trim()) : undefined;
}

/** Ends jobs, each `JOB` or `JOB_ELEMENT`; what has ended is no error. */
export async function scancel(jobs: readonly string[]): Promise<void> {
  if (jobs.length > 0) await call("scancel", ["--quiet", ...jobs]);
}

/** Asks again where Slurm does not answer. */
export async function patiently<Answer>(
  ask: () => Promise<Answer>,
  problemOf: (answer: Answer) => string | undefined,
): Promise<Answer> {
  for (const waitMs of PATIENCE_MS) {
    const answer = await ask();
    if (!NO_ANSWER.test(problemOf(answer) ?? "")) return answer;
    await new Promise((resolve) => setTimeout(resolve, waitMs));
  }
  return await ask();
}

/** The nodes of a partition, or of all partitions. @throws FlowError slurm */
export async function clusterSize(partition?: string): Promise<ClusterSize> {
  const args = partition === undefined ? [] : [`--partition=${partition}`];
  const { text, problem } = await patiently(
    () => call("sinfo", ["--noheader", "--Node", "--format=%N|%c|%m|%G", ...args]),
    ({ problem }) => problem,
  );
  if (problem !== undefined) throw new FlowError("slurm", `Slurm can't be used: ${problem}`);
  const size = parseNodes(text);
  if (size.cpu > 0) return size;
  throw new FlowError(
    "slurm",
    `Slurm knows no node${partition === undefined ? "" : ` in partition ${partition}`}`,
  );
}

/** A node is in several partitions, and counts once. */
export function parseNodes(text: string): ClusterSize {
  const nodes = new Map(
    text.split("\n").filter(Boolean).map((line) => {
      const [name, cpu, memory, gres] = line.split("|");
      const gpus = [...gres.matchAll(/\bgpu:(?:[\w.-]+:)?(\d+)/g)].reduce(
        (sum, [, count]) => sum + Number(count),
        0,
      );
      return [name, { cpu: parseInt(cpu), memoryMB: parseInt(memory), gpus }];
    }),
  );
  const all = [...nodes.values()];
  const sum = (of: (node: typeof all[number]) => number) => all.reduce((total, node) => total + of(node), 0);
  return {
    cpu: sum(({ cpu }) => cpu),
    memoryMB: sum(({ memoryMB }) => memoryMB),
    gpus: sum(({ gpus }) => gpus),
    largest: {
      cpu: Math.max(0, ...all.map(({ cpu }) => cpu)),
      memoryMB: Math.max(0, ...all.map(({ memoryMB }) => memoryMB)),
    },
  };
}

async function call(
  program: string,
  args: readonly string[],
  environment = Deno.env.toObject(),
): Promise<{ text: string; problem?: string }> {
  try {
    const { success, stdout, stderr } = await new Deno.Command(program, {
      args: [...args],
      env: withoutJob(environment),
      clearEnv: true,
      stdin: "null",
    }).output();
    const text = new TextDecoder().decode(stdout);
    if (success) return { text };
    return { text, problem: new TextDecoder().decode(stderr).trim() || `${program} failed` };
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    return { text: "", problem: `the program ${program} is not found on the PATH` };
  }
}

/** Variables of the job in which this process may run would be taken for options of the jobs that it submits. */
function withoutJob(environment: Readonly<Record<string, string>>): Record<string, string> {
  const isOfJob = (name: string) => name.startsWith("SLURM_") && name !== "SLURM_CONF";
  return Object.fromEntries(Object.entries(environment).filter(([name]) => !isOfJob(name)));
}
