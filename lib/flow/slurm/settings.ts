/** What `protoflow.json` says of Slurm: where jobs are submitted to, and with what, also by kind and task. */

import { z } from "zod";
import { FlowError } from "../errors.ts";
import { SCRATCH } from "./scratch_setting.ts";

/** A time as Slurm writes it, or minutes. */
const TIME = /^(\d+-)?\d+(:\d+){0,2}$/;

const text = z.string().min(1);
const flag = z.string().regex(
  /^--[a-z][a-z-]*(=.*)?$/,
  'expected an option of sbatch, such as "--exclusive"',
);

const choice = {
  /** Comma-separated names are tried in Slurm's order. */
  partition: text.optional(),
  account: text.optional(),
  qos: text.optional(),
  constraint: text.optional(),
  /** The longest time of one task. */
  time: z.string().regex(TIME, 'expected minutes, or Slurm\'s "D-HH:MM:SS"').optional(),
  /** In MiB, where neither the kind nor the workflow states any. */
  memoryMB: z.number().int().positive().optional(),
  /** So many tasks or batches of items are put into one job, one after another. */
  perJob: z.number().int().positive().optional(),
  /** Parts of a GPU are asked for as `shard`, of which each GPU has so many; without it a part is a whole GPU. */
  shardsPerGpu: z.number().int().positive().optional(),
  /** Work is done in this folder of the node, not in the store. */
  scratch: z.string().regex(
    SCRATCH,
    'expected an absolute path on each node, with $NAME for a variable there, such as "$TMPDIR" or "/scratch/$USER"',
  ).optional(),
  /** Further options of sbatch. */
  flags: z.array(flag).optional(),
};

const Choice = z.strictObject(choice);

const Settings = z.strictObject({
  ...choice,
  kinds: z.record(z.string(), Choice).optional(),
  /** By the name of a task in the workflow file. */
  tasks: z.record(z.string(), Choice).optional(),
  /** For the job that drives a detached run; of the fields for all it has those that say where. */
  driver: Choice.optional(),
  /** After its job has ended a result is waited for so long: as long as a network file system may show an old state. */
  waitSeconds: z.number().nonnegative().default(10),
});

/** What jobs are submitted with. */
export type SlurmChoice = z.infer<typeof Choice>;

/** The content of the field `slurm`. */
export type SlurmSettings = z.infer<typeof Settings>;

/** @param from what is to be named in an error, such as a file @throws FlowError settings */
export function parseSlurmSettings(given: unknown, from: string): SlurmSettings {
  const parsed = Settings.safeParse(given ?? {});
  if (parsed.success) return parsed.data;
  const [{ path, message }] = parsed.error.issues;
  throw new FlowError("settings", `${from}: ${["slurm", ...path].join(".")}: ${message}`);
}

/** What holds for a task: what is said of it, of its kind, of all. Flags are added up. */
export function choiceFor(
  { kinds = {}, tasks = {}, driver: _driver, waitSeconds: _wait, ...all }: SlurmSettings,
  kind: string,
  task: string,
): SlurmChoice {
  const name = task.split("[")[0];
  const levels = [all, kinds[kind] ?? {}, tasks[name] ?? {}];
  return { ...Object.assign({}, ...levels), flags: levels.flatMap(({ flags = [] }) => flags) };
}

/** What holds for the job that drives a run: what is said of it, and of all where jobs are to run. */
export function driverChoice({ partition, account, qos, constraint, driver }: SlurmSettings): SlurmChoice {
  return { partition, account, qos, constraint, ...driver };
}
