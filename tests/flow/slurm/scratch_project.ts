/** A project whose jobs work on their nodes' own disks, which are folders of this machine. */

import assert from "node:assert/strict";
import { join } from "node:path";
import { readJson, type WorkFile, workPaths } from "../../../lib/flow/slurm/files.ts";
import { entriesOf } from "../../../lib/flow/store/layout.ts";
import type { Owner } from "../../../lib/flow/store/owner.ts";
import { TEMPORARY } from "../../../lib/flow/store/replace_file.ts";
import { exists, type Project, until } from "../cli.ts";
import type { SlurmCluster } from "./slurm_cluster.ts";
import { assertNothingLeft, onCluster } from "./slurm_project.ts";

/** The disks of the nodes. Jobs change them at any moment. */
export class NodeDisks {
  constructor(readonly folder: string) {}

  /** The files of works at `path` in their work folders. */
  files(path: string): string[] {
    return this.#below("*").map((work) => join(work, "work", path)).filter(exists);
  }

  /** The programs that work on the disks at this moment, or were killed. */
  programs(): number[] {
    return this.#below("*.owner").flatMap((file) => readJson<Owner>(file)?.pid ?? []);
  }

  assertEmpty(): void {
    assert.deepEqual(this.#below("*"), []);
    assert.deepEqual(this.#below("*.owner"), []);
  }

  /** @param names those of works, or of what is said of their owners */
  #below(names: "*" | "*.owner"): string[] {
    return ["n1", "n2"].flatMap((node) => {
      const own = join(this.folder, node, `protoflow-${Deno.uid()}`);
      return entriesOf(own).filter((name) =>
        !name.endsWith(TEMPORARY) && name.endsWith(".owner") === (names === "*.owner")
      ).map((name) => join(own, name));
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

/** The files in the output folders of a task in the store. */
export function outputsInStore(project: Project, task: string): string[] {
  const below = (folder: string) => entriesOf(folder).map((name) => join(folder, name));
  const attempts = below(project.path("store/jobs")).flatMap(below);
  const own = attempts.filter((path) => readJson<WorkFile>(workPaths(join(path, "run")).work)?.task === task);
  assert.equal(own.length, 1, `${attempts}`);
  return own.flatMap((attempt) => below(join(attempt, "work/out")));
}
