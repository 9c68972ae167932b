/** The job that drives a run: it plans, submits the jobs of the run and follows them, as the command would on a login node. */

import { FlowError } from "../errors.ts";
import { type Allocation, quoted, readAllocations, submit } from "./allocations.ts";
import type { ClusterSize } from "./commands.ts";
import { allocationPaths } from "./files.ts";
import { jobOptions, noticeOption } from "./job_options.ts";
import { type LivingElement, livingElements } from "./jobs.ts";
import type { SlurmChoice } from "./settings.ts";

/** For a run of some thousand tasks. */
const MEMORY_MB = 1000;
/** A driver that crashes is started again so many times. */
const MOST_RESTARTS = 20;

/** A command line that drives a run, and the folder that it is to be called in. */
export interface DriverCommand {
  readonly argv: readonly string[];
  readonly folder: string;
}

/** Submits the job. @param about the command line, for people @throws FlowError slurm */
export async function submitDriver(
  store: string,
  command: DriverCommand,
  about: string,
  choice: SlurmChoice,
  largest: ClusterSize["largest"],
): Promise<Allocation> {
  const assignment = { cpu: 1, memoryMB: choice.memoryMB ?? MEMORY_MB, gpus: [], gpuShare: 0 };
  const { args, minutes } = jobOptions({ assignment, process: {} }, choice, largest);
  return await submit(store, {
    about: "driver",
    args: [
      "--requeue",
      noticeOption,
      ...(minutes === undefined ? [] : [`--time=${minutes}`]),
      ...args,
    ],
    elements: [[]],
    drives: about,
    script: (folder) => driverScript(folder, command),
  });
}

/**
 * The job that drives the run that a command line is for; undefined where there is none.
 *
 * @throws FlowError slurm where it can't be asked
 */
export async function livingDriver(store: string, about: string): Promise<LivingElement | undefined> {
  if (!readAllocations(store).some(({ drives }) => drives === about)) return undefined;
  const living = await livingElements(store);
  if (typeof living !== "string") return living.find(({ allocation }) => allocation.drives === about);
  throw new FlowError("slurm", `Slurm can't be asked whether a job drives this run already: ${living}`);
}

/**
 * Slurm starts a job again where its node fails or it is preempted. The script sees to the rest: a driver whose time is up
 * is told to end, leaves its jobs, and takes them up when the job has its turn again; so is one that has crashed.
 */
function driverScript(folder: string, { argv, folder: cwd }: DriverCommand): string {
  const ended = quoted(allocationPaths(folder).ended);
  return `#!/bin/sh
rm -f ${ended}
cd ${quoted(cwd)} || exit 2
${argv.map(quoted).join(" ")} &
driver=$!
trap 'again=1; kill -TERM $driver' USR1
trap 'over=1; kill -TERM $driver' TERM INT
wait $driver; code=$?
while kill -0 $driver 2> /dev/null; do wait $driver; code=$?; done
# More than by the handler of a signal: it was killed.
if [ $code -gt 130 ] && [ "\${SLURM_RESTART_COUNT:-0}" -lt ${MOST_RESTARTS} ]; then again=1; fi
if [ -n "$again" ] && [ -z "$over" ]; then
  # Slurm may not answer at once.
  for wait in 0 2 5 15; do sleep $wait; scontrol requeue "$SLURM_JOB_ID" && exit 0; done
fi
echo $code > ${ended}
exit $code
`;
}
