/** A project whose jobs work on their nodes' own disks, which are folders of this machine. */

import assert from "node:assert/strict";
import { join } from "node:path";
import { exists, type Project, until } from "../cli.ts";
import type { SlurmCluster } from "./slurm_cluster.ts";
import { assertNothingLeft, onCluster } from "./slurm_project.ts";

/** The disks of the nodes. */
export class NodeDisks {
  constructor(readonly folder: string) {}

  /** The files of works at `path` in their work folders. */
  files(path: string): string[] {
    return this.#below("*").map((work) => join(work, "work", path)).filter(exists);
  }

  /** The programs that work on the disks at this moment, or were killed. */
  programs(): number[] {
    return this.#below("*.owner").map((file) => JSON.parse(Deno.readTextFileSync(file)).pid);
  }

  assertEmpty(): void {
    assert.deepEqual(this.#below("*"), []);
    assert.deepEqual(this.#below("*.owner"), []);
  }

  /** @param names those of works, or of what is said of their owners */
  #below(names: "*" | "*.owner"): string[] {
    return ["n1", "n2"].flatMap((node) => {
      const own = join(this.folder, node, `protoflow-${Deno.uid()}`);
      if (!exists(own)) return [];
      return [...Deno.readDirSync(own)].filter(({ name }) =>
        !name.endsWith(".new") && name.endsWith(".owner") === (names === "*.owner")
      ).map(({ name }) => join(own, name));
    });
  }
}

interface Options {
  readonly slurm?: object;
  readonly isOpen?: boolean;
}

/** Runs `body`; afterwards nothing is left of jobs, in the store or on the disks. */
export async function withScratch(
  cluster: SlurmCluster,
  { slurm = {}, isOpen }: Options,
  body: (project: Project, disks: NodeDisks) => Promise<void>,
): Promise<void> {
  const folder = Deno.makeTempDirSync();
  try {
    for (const node of ["n1", "n2"]) Deno.mkdirSync(join(folder, node));
    const scratch = `${folder}/$SLURMD_NODENAME`;
    await onCluster(cluster, { slurm: { scratch, ...slurm }, isOpen }, async (project) => {
      const disks = new NodeDisks(folder);
      await body(project, disks);
      disks.assertEmpty();
      await assertNothingLeft(cluster, project);
    });
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
}

/** The one program that works on the disks, once it does. */
export async function workingProgram(disks: NodeDisks, path: string): Promise<number> {
  await until(() => disks.files(path).length === 1, `a job has made ${path}`);
  const [pid] = disks.programs();
  return pid;
}

/** The files in the output folders of work folders in the store. */
export function outputsInStore(project: Project): string[] {
  const below = (folder: string) => [...Deno.readDirSync(folder)].map(({ name }) => join(folder, name));
  const attempts = below(project.path("store/jobs")).filter((path) => !path.endsWith("allocations")).flatMap(
    below,
  );
  return attempts.map((attempt) => join(attempt, "work/out")).filter(exists).flatMap(below);
}
