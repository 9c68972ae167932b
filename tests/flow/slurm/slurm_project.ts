/** A project whose tasks run on a cluster of the tests. */

import assert from "node:assert/strict";
import { Store } from "../../../lib/flow/store/store.ts";
import { type Event, eventsOf, exists, inProject, type Project, until } from "../cli.ts";
import type { SlurmCluster } from "./slurm_cluster.ts";

interface ClusterProject {
  /** Settings of Slurm beside those that all have. */
  readonly slurm?: object;
  /** Its tasks are not isolated: they tell the test by files in the project's folder how far they are. */
  readonly isOpen?: boolean;
}

/** Runs `body` with a project that runs on the cluster. Results are on this machine's disk, so none comes late. */
export async function onCluster(
  cluster: SlurmCluster,
  { slurm = {}, isOpen = false }: ClusterProject,
  body: (project: Project) => Promise<void>,
): Promise<void> {
  await inProject(async (project) => {
    const settings = { executor: "slurm", slurm: { waitSeconds: 1, ...slurm } };
    project.write("protoflow.json", JSON.stringify(settings));
    await body(project.withEnvironment({
      ...cluster.environment,
      ...(isOpen && { PROTOFLOW_ISOLATION: "off" }),
    }));
  });
}

/** A task that is a script. */
export const shell = (text: string, more: object = {}) => ({
  kind: "command",
  params: { argv: ["sh", "-c", text] },
  outputs: ["o"],
  ...more,
});

/** No work folder of a job is left, and no job but those that have ended: a job ends a moment after its result is there. */
export async function assertNothingLeft(cluster: SlurmCluster, project: Project): Promise<void> {
  const left = exists(project.path("store/jobs"))
    ? [...Deno.readDirSync(project.path("store/jobs"))].map(({ name }) => name).filter((name) =>
      name !== "allocations"
    )
    : [];
  assert.deepEqual(left, []);
  let jobs = await cluster.jobs("PENDING", "RUNNING");
  for (let looks = 0; jobs.length > 0 && looks < 100; looks++) {
    await new Promise((resolve) => setTimeout(resolve, 200));
    jobs = await cluster.jobs("PENDING", "RUNNING");
  }
  assert.deepEqual(jobs, []);
}

/** The digests of all results of a store. */
export function digestsIn(folder: string): Record<string, string> {
  const store = Store.open(folder, "the test");
  try {
    return Object.fromEntries(
      [...store.keys()].sort().map((key) => {
        const outputs = Object.values(store.getRecord(key)!.outputs);
        return [key, outputs.map(({ digest }) => digest).join()];
      }),
    );
  } finally {
    store.close();
  }
}

/** Calls `onRunning` with each job that begins to run, and gives all events. */
export async function follow(
  project: Project,
  onRunning: (task: string, job: string) => Promise<unknown> | undefined,
): Promise<Event[]> {
  const child = project.spawn("run", "probe.ts", "--json");
  const events: Event[] = [];
  for await (const event of eventsOf(child)) {
    events.push(event);
    if (event.event === "job" && event.state === "running") await onRunning(event.id, event.job);
  }
  await child.status;
  await child.stderr.cancel();
  return events;
}

/** Waits until a segment in a job of limited time has done so many steps. */
export async function untilReached(project: Project, step: number): Promise<void> {
  const jobs = project.path("store/jobs");
  const below = (folder: string) => [...Deno.readDirSync(folder)].map(({ name }) => `${folder}/${name}`);
  const files = () =>
    below(jobs).flatMap(below).map((attempt) => `${attempt}/run.reached.json`).filter(exists);
  const isReached = () => files().some((file) => JSON.parse(Deno.readTextFileSync(file)).reached === step);
  await until(isReached, `step ${step} is done`);
}
