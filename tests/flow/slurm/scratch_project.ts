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

const NODES = ["n1", "n2"];
const LONG_AGO = new Date("2020-01-01");

/** The disks of the nodes. Jobs change them at any moment. */
export class NodeDisks {
  private constructor(readonly folder: string) {}

  /** @param folder there is none yet */
  static make(folder: string): NodeDisks {
    for (const node of NODES) {
      const disk = join(folder, node);
      Deno.mkdirSync(disk, { recursive: true });
      Deno.utimeSync(disk, LONG_AGO, LONG_AGO);
    }
    return new NodeDisks(folder);
  }

  /** The setting by which jobs work on them. */
  get scratch(): string {
    return join(this.folder, "$SLURMD_NODENAME");
  }

  /** Whether any job has made something on a disk, although it is gone. */
  wereUsed(): boolean {
    return NODES.some((node) => Deno.statSync(join(this.folder, node)).mtime! > LONG_AGO);
  }

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
    return NODES.flatMap((node) => {
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
    const disks = NodeDisks.make(join(folder, "disks"));
    const { scratch } = disks;
    await onCluster(cluster, { slurm: { scratch, ...slurm }, isOpen }, async (project) => {
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
