/** `cancel`: ends the jobs on a cluster that were submitted for a store. */

import { FlowError } from "../errors.ts";
import { placeText } from "../display/progress_text.ts";
import { print, printJson } from "../display/terminal.ts";
import { scancel } from "../slurm/commands.ts";
import { jobsOf } from "../slurm/jobs.ts";
import { type CommonOptions, type Project, storeFolder } from "./open_workflow.ts";

/** A run that follows them reports their tasks as failed. @throws FlowError slurm */
export async function cancelCommand(project: Project, options: CommonOptions): Promise<number> {
  const store = storeFolder(project, options);
  const jobs = await jobsOf(store);
  if (typeof jobs === "string") throw new FlowError("slurm", `jobs can't be cancelled: ${jobs}`);
  await scancel(jobs.map(({ job }) => job));
  if (options.json) printJson(...jobs);
  else if (jobs.length === 0) print(`Slurm has no jobs of the store ${store}`);
  else print(...jobs.map((job) => `cancelled ${job.tasks.join(", ")}: it was ${placeText(job)}`));
  return 0;
}
