/** `cancel`: ends the jobs on a cluster that were submitted for a store. */

import { FlowError } from "../errors.ts";
import { placeText } from "../display/progress_text.ts";
import { print, printJson } from "../display/terminal.ts";
import { scancel } from "../slurm/commands.ts";
import { jobsOf, type StoreJob } from "../slurm/jobs.ts";
import { type CommonOptions, type Project, storeFolder } from "./open_workflow.ts";

/** A driver that is ending may submit a job meanwhile. */
const MOST_ROUNDS = 10;
const ROUND_MS = 1000;

/** A run that follows them reports their tasks as failed. @throws FlowError slurm */
export async function cancelCommand(project: Project, options: CommonOptions): Promise<number> {
  const store = storeFolder(project, options);
  const cancelled = new Map<string, StoreJob>();
  for (let round = 0; round < MOST_ROUNDS; round++) {
    const jobs = await jobsOf(store);
    if (typeof jobs === "string") throw new FlowError("slurm", `jobs can't be cancelled: ${jobs}`);
    await scancel(jobs.map(({ job }) => job));
    for (const job of jobs) cancelled.set(job.job, job);
    if (!jobs.some(({ drives }) => drives !== undefined)) break;
    await new Promise((resolve) => setTimeout(resolve, ROUND_MS));
  }
  const jobs = [...cancelled.values()];
  if (options.json) printJson(...jobs);
  else if (jobs.length === 0) print(`Slurm has no jobs of the store ${store}`);
  else {print(...jobs.map((job) =>
      `cancelled ${job.drives ?? job.tasks.join(", ")}: it was ${placeText(job)}`
    ));}
  return 0;
}
