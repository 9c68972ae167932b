/** `status`: the last runs and all that are running: user, machine, start, progress, and what their results say so far. */

import { duration } from "../display/format.ts";
import { placeText, progressText } from "../display/progress_text.ts";
import type { RunNow } from "../history/journal.ts";
import { type ListedRun, listRuns } from "../history/run_list.ts";
import { runNow } from "../history/runs.ts";
import { Standings } from "../history/standings.ts";
import { jobsFolder } from "../slurm/files.ts";
import type { StoreJob } from "../slurm/jobs.ts";
import { isThere } from "../../system/is_there.ts";
import { table } from "../display/table.ts";
import { print, printJson, warn } from "../display/terminal.ts";
import { type CommonOptions, openStore, type Project, storeFolder } from "./open_workflow.ts";
import { choiceText } from "./run_columns.ts";

/** So many of those that have ended; of those that are running none is left out. */
const MOST_ENDED = 10;

export async function statusCommand(project: Project, options: CommonOptions): Promise<number> {
  const store = storeFolder(project, options);
  const all = listRuns(store);
  const ended = new Set(all.filter(({ state }) => state !== "running").slice(-MOST_ENDED));
  const runs = all.filter((run) => run.state === "running" || ended.has(run));
  const jobs = await leftJobs(store, runs);
  const standings = runs.length === 0 ? [] : await standingsOf(runs, project, options);
  if (options.json) {
    printJson(...runs.map(({ head, end, state }, i) => ({
      ...head,
      state,
      end,
      now: runNow(store, head.run),
      standing: standings[i],
    })));
    if (typeof jobs !== "string") printJson(...jobs.map((job) => ({ event: "job", ...job })));
    return 0;
  }
  if (runs.length === 0) print(`nothing has been run with the store ${store}`);
  const now = Date.now();
  const shown = runs.map((run) => ({
    ...run,
    doing: run.state === "running" ? doing(store, run) : undefined,
  }));
  const lines = table(shown.map(({ head, end, state, doing }) => [
    head.run,
    [head.workflow, choiceText(head)].filter(Boolean).join(" "),
    state,
    `${head.user}@${head.owner.host} (${head.owner.pid})`,
    end
      ? `${end.ran} ran, ${end.reused} reused, ${end.failed} failed in ${duration(end.ms)}`
      : doing
      ? `${doing.ended}/${doing.total} done, for ${
        duration(now - Date.parse(head.started))
      }, since ${head.started}`
      : "run the same command to resume",
  ]));
  shown.forEach(({ doing }, i) => {
    print(
      lines[i],
      ...standings[i].map((line) => `  ${line}`),
      ...(doing?.actions ?? []).map((action) => `  ${action.id}  ${progressText({ ...action, now })}`),
    );
  });
  if (typeof jobs === "string") warn(`Slurm can't be asked for jobs: ${jobs}`);
  else if (jobs.length > 0) print(...leftLines(jobs, now));
  if (all.length > runs.length) print(`${all.length - runs.length} earlier runs: deno task runs`);
  return 0;
}

/** Jobs on a cluster that go on although no run follows them. */
async function leftJobs(store: string, runs: readonly ListedRun[]): Promise<StoreJob[] | string> {
  if (!isThere(jobsFolder(store))) return [];
  const { jobsOf } = await import("../slurm/jobs.ts");
  const jobs = await jobsOf(store);
  if (typeof jobs === "string") return jobs;
  const followed = new Set(
    runs.filter(({ state }) => state === "running").flatMap((run) =>
      doing(store, run).actions.flatMap(({ place }) => place?.job ?? [])
    ),
  );
  return jobs.filter(({ job }) => !followed.has(job));
}

function leftLines(jobs: readonly StoreJob[], now: number): string[] {
  const [drivers, works] = [true, false].map((drives) =>
    jobs.filter((job) => (job.drives !== undefined) === drives).map(({ tasks, drives, since, ...place }) =>
      `  ${drives ?? tasks.join(", ")}  ${placeText(place)}${
        since === undefined ? "" : `, for ${duration(now - since)}`
      }`
    )
  );
  return [
    ...(drivers.length > 0 ? ["jobs that drive runs; `deno task cancel` ends them:", ...drivers] : []),
    ...(works.length > 0
      ? [
        "jobs that no run follows; the command that submitted them takes them up, `deno task cancel` cancels them:",
        ...works,
      ]
      : []),
  ];
}

/** By run, lines about what its results say so far. */
async function standingsOf(
  runs: readonly ListedRun[],
  project: Project,
  options: CommonOptions,
): Promise<string[][]> {
  const { standings = [] } = await project.registry();
  const store = openStore(project, options);
  try {
    const all = new Standings(store, standings);
    const found: string[][] = [];
    for (const run of runs) found.push(await all.linesOf(run));
    return found;
  } finally {
    store.close();
  }
}

/** The last known activity of a running run; empty at its very beginning. */
function doing(store: string, { head }: ListedRun): RunNow {
  return runNow(store, head.run) ?? { actions: [], ended: 0, total: 0 };
}
