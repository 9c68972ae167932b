/** A project whose tasks run on a cluster of the tests. */

import assert from "node:assert/strict";
import { readJson, type ResultFile, workPaths } from "../../../lib/flow/slurm/files.ts";
import { entriesOf } from "../../../lib/flow/store/layout.ts";
import { Store } from "../../../lib/flow/store/store.ts";
import { type Event, eventsOf, inProject, type Project, until } from "../cli.ts";
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
  const left = entriesOf(project.path("store/jobs")).filter((name) => name !== "allocations");
  assert.deepEqual(left, []);
  let jobs = await cluster.jobs("PENDING", "RUNNING");
  for (let looks = 0; jobs.length > 0 && looks < 600; looks++) {
    await new Promise((resolve) => setTimeout(resolve, 200));
    jobs = await cluster.jobs("PENDING", "RUNNING");
  }
  assert.deepEqual(jobs, []);
}

/** The digests of all results of a store, by their names, by key. */
export function digestsIn(folder: string): Record<string, string> {
  const store = Store.open(folder, "the test");
  try {
    return Object.fromEntries(
      [...store.keys()].sort().map((key) => {
        const outputs = Object.entries(store.getRecord(key)!.outputs);
        return [key, outputs.map(([name, { digest }]) => `${name} ${digest}`).join()];
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
  const below = (folder: string) => entriesOf(folder).map((name) => `${folder}/${name}`);
  // The folders of other works go meanwhile.
  const files = () =>
    below(project.path("store/jobs")).flatMap(below).map((path) => workPaths(`${path}/run`).reached);
  const isReached = () => files().some((file) => readJson<ResultFile>(file)?.reached === step);
  await until(isReached, `step ${step} is done`);
}

interface CalledProgram {
  /** The project, whose runs call the program by a script. */
  readonly project: Project;
  /** The arguments of each call. */
  readonly calls: () => string[];
}

/** Writes down how a program of Slurm is called; `before` is a line of shell that comes first. */
export function withProgram(project: Project, program: string, before = ":"): CalledProgram {
  const file = project.path(`called-${program}`);
  project.write(
    `bin/${program}`,
    `#!/bin/sh\necho "$@" >> '${file}'\n${before}\nexec /usr/bin/${program} "$@"\n`,
  );
  Deno.chmodSync(project.path(`bin/${program}`), 0o755);
  const PATH = `${project.path("bin")}:${Deno.env.get("PATH")}`;
  return {
    project: project.withEnvironment({ ...project.environment, PATH }),
    calls: () => Deno.readTextFileSync(file).trim().split("\n"),
  };
}
