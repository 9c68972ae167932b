/** `run --detach`: hands a run to a job on the cluster, which drives it to its end. */

import { fileURLToPath } from "node:url";
import { FlowError } from "../errors.ts";
import { placeText } from "../display/progress_text.ts";
import { print, printJson } from "../display/terminal.ts";
import { kindFile } from "../kind_file.ts";
import type { JobPlace } from "../place.ts";
import { elementId } from "../slurm/allocations.ts";
import { CodePreparation } from "../slurm/code_preparation.ts";
import { clusterSize } from "../slurm/commands.ts";
import { type DriverCommand, livingDriver, submitDriver } from "../slurm/driver_job.ts";
import { driverChoice, parseSlurmSettings } from "../slurm/settings.ts";
import { quoted } from "./command_text.ts";
import { executorSettings, SLURM } from "./open_executor.ts";
import type { OpenPlan, Project } from "./open_workflow.ts";

/** The flag itself: the job is called without it. */
const FLAG = "--detach";

interface DetachOptions {
  readonly executor?: string;
  readonly json?: boolean;
}

/**
 * Submits the job, unless one drives the same command line already.
 *
 * @throws FlowError usage where tasks run on this machine; slurm
 */
export async function detach(project: Project, opened: OpenPlan, options: DetachOptions): Promise<number> {
  const { store, workflow, tasks } = opened;
  const { executor, slurm, file } = executorSettings(store.folder, workflow.file);
  if ((options.executor ?? executor) !== SLURM) {
    throw new FlowError(
      "usage",
      `${FLAG} leaves a run to a cluster, and its tasks run on this machine: add --executor slurm, or set "executor" in ${file}`,
    );
  }
  const settings = parseSlurmSettings(slurm, file);
  const args = Deno.args.filter((arg) => arg !== FLAG);
  const about = [...args, "--store", store.folder].map(quoted).join(" ");
  const driver = await livingDriver(store.folder, about);
  if (driver !== undefined) {
    const { queued: { state, reason: why, node, since }, allocation, index } = driver;
    const place = { job: elementId({ allocation, index }), why, node, since };
    tell(
      { ...place, state: state === "PENDING" ? "pending" : "running" },
      "a job drives this run already",
      options,
    );
    return 0;
  }
  const { kindFolder, ownKinds } = await opened.planner();
  const kinds = [...new Set(tasks.map(({ kind }) => kind))];
  await new CodePreparation(kindFolder).prepare(kinds.map((kind) => kindFile(kind, kindFolder, ownKinds)));
  const choice = driverChoice(settings);
  const { largest } = await clusterSize(choice.partition);
  const command = driverCommand(project, [...args, "--executor", SLURM, "--store", store.folder]);
  const allocation = await submitDriver(store.folder, command, about, choice, largest);
  tell({ state: "pending", job: elementId({ allocation, index: 0 }) }, "a job drives this run", options);
  return 0;
}

function tell(place: JobPlace, what: string, { json }: DetachOptions): void {
  if (json) return printJson({ event: "detached", ...place });
  print(
    `${what}: ${placeText(place)}`,
    "`deno task status` shows how far it is, the same command without --detach joins in, `deno task cancel` ends it",
  );
}

/** This process, called with other arguments: with the same flags of Deno, from the same folder. */
function driverCommand(project: Project, args: readonly string[]): DriverCommand {
  const own = Deno.readTextFileSync("/proc/self/cmdline").split("\0").slice(0, -1);
  const flags = own.slice(1, own.length - Deno.args.length - 1);
  // `deno task` calls it from the folder of the project, and says by a variable where the user is.
  const folder = Deno.env.get("PROTOFLOW_CWD") ? project.folder : Deno.cwd();
  return { argv: [Deno.execPath(), ...flags, fileURLToPath(Deno.mainModule), ...args], folder };
}
