/** A cluster of two nodes on this machine, of Slurm's own daemons as plain processes, in a folder for temporary use. */

import { join } from "node:path";
import { configure, OwnPorts } from "./cluster_settings.ts";

const PROGRAMS = ["munged", "slurmctld", "slurmd", "sbatch", "squeue", "scancel", "scontrol", "sinfo"];

/** Why tests that need Slurm can't run here; undefined if they can. */
export function slurmMissing(): string | undefined {
  if (Deno.build.os !== "linux") return "Slurm runs on Linux";
  if (Deno.uid() !== 0) return "its daemons are started by root";
  const missing = PROGRAMS.filter((program) => pathOf(program) === undefined);
  return missing.length > 0 ? `not installed: ${missing.join(", ")}` : undefined;
}

interface ClusterNeeds {
  /** Of each node. */
  readonly cores?: number;
  /** Why the test can't run here. */
  readonly missing?: string;
}

/** Runs a test with Slurm's daemons; where they, or what it needs beside them, are missing it is skipped, and says so. */
export function slurmTest(
  name: string,
  body: (cluster: SlurmCluster) => Promise<void>,
  { cores = 4, missing = slurmMissing() }: ClusterNeeds = {},
): void {
  Deno.test({
    name: missing === undefined ? name : `${name} (skipped: ${missing})`,
    ignore: missing !== undefined,
    fn: () => inCluster(body, cores),
  });
}

/** So often it is looked whether something has happened that must: for five minutes at least. */
const MOST_LOOKS = 3000;

export class SlurmCluster {
  readonly environment: Record<string, string>;
  /** By command line. */
  readonly #daemons = new Map<string, Deno.ChildProcess>();
  readonly #ended = new Set<string>();

  constructor(readonly folder: string) {
    this.environment = { SLURM_CONF: join(folder, "slurm.conf") };
  }

  start(program: string, ...args: string[]): void {
    const daemon = new Deno.Command(pathOf(program)!, {
      args,
      env: this.environment,
      stdin: "null",
      stdout: "null",
      stderr: "null",
    }).spawn();
    const line = [program, ...args].join(" ");
    this.#daemons.set(line, daemon);
    daemon.status.then(() => this.#ended.add(line));
  }

  /** Waits until `isUp`, as long as all daemons go on: however busy the machine is, they come up. */
  async untilUp(isUp: () => boolean | Promise<boolean>, about: string): Promise<void> {
    for (let looks = 0; !await isUp(); looks++) {
      if (this.#ended.size > 0) throw new Error(`${about}: ended by itself: ${[...this.#ended].join("; ")}`);
      if (looks === MOST_LOOKS) throw new Error(`waited in vain: ${about}`);
      await wait(100);
    }
  }

  /** A node that does not answer any more, and is said to be down. What runs on it is not told. */
  async killNode(name: string): Promise<void> {
    await this.#endDaemon(`slurmd -D -N ${name}`, "SIGKILL");
    await this.call("scontrol", "update", `NodeName=${name}`, "State=DOWN", "Reason=test");
  }

  async end(): Promise<void> {
    const cancel = new Deno.Command(pathOf("scancel")!, {
      args: ["--quiet", "--me"],
      env: this.environment,
      stdout: "null",
      stderr: "null",
    });
    if (this.#daemons.size > 1) await cancel.output();
    for (const line of [...this.#daemons.keys()].reverse()) await this.#endDaemon(line, "SIGTERM");
    await this.#endOrphans();
  }

  async #endDaemon(line: string, signal: Deno.Signal): Promise<void> {
    const daemon = this.#daemons.get(line)!;
    this.#daemons.delete(line);
    if (!this.#ended.has(line)) daemon.kill(signal);
    await daemon.status;
  }

  /** What a daemon that was killed had started has its environment. */
  async #endOrphans(): Promise<void> {
    for (let looks = 0;; looks++) {
      const orphans = this.#orphans();
      if (orphans.length === 0) return;
      if (looks === MOST_LOOKS) throw new Error(`can't be ended: ${orphans}`);
      for (const pid of orphans) killIfThere(pid);
      await wait(20);
    }
  }

  #orphans(): number[] {
    const own = `SLURM_CONF=${this.environment.SLURM_CONF}`;
    return [...Deno.readDirSync("/proc")].filter(({ name }) => {
      try {
        return /^\d+$/.test(name) && Deno.readTextFileSync(`/proc/${name}/environ`).split("\0").includes(own);
      } catch {
        return false; // One that has just ended.
      }
    }).map(({ name }) => Number(name));
  }

  /** What a command of Slurm prints. */
  async call(program: string, ...args: string[]): Promise<string> {
    const { success, stdout, stderr } = await new Deno.Command(pathOf(program)!, {
      args,
      env: this.environment,
    }).output();
    if (!success) throw new Error(`${program} ${args.join(" ")}: ${new TextDecoder().decode(stderr)}`);
    return new TextDecoder().decode(stdout).trim();
  }

  /** Lets the time of a job that runs be up in a moment: a time that is over when Slurm hears of it would be refused. */
  async limit(job: string): Promise<string> {
    for (let seconds = 1;; seconds *= 2) {
      try {
        return await this.call("scontrol", "update", `JobId=${job}`, `EndTime=now+${seconds}`);
      } catch (error) {
        if (!/Invalid time/.test(`${error}`) || seconds > 60) throw error;
      }
    }
  }

  /** Jobs of any state, each `ID_ELEMENT STATE`. */
  async jobs(...states: string[]): Promise<string[]> {
    const format = "%F_%K %T";
    const text = await this.call(
      "squeue",
      "--noheader",
      "--array",
      `--states=${states.join(",") || "all"}`,
      `--format=${format}`,
    );
    return text.split("\n").filter(Boolean);
  }

  /** The one job that is running, once it is. */
  async runningJob(): Promise<string> {
    for (let looks = 0; looks < MOST_LOOKS; looks++) {
      const [first] = await this.jobs("RUNNING");
      if (first !== undefined) return first.split(" ")[0];
      await wait(100);
    }
    throw new Error("no job began to run");
  }
}

/** Starts a cluster, and ends it with `body`. */
export async function inCluster(
  body: (cluster: SlurmCluster) => Promise<void>,
  cores: number,
): Promise<void> {
  const folder = Deno.makeTempDirSync({ prefix: "slurm-" });
  const cluster = new SlurmCluster(folder);
  using own = OwnPorts.take(3);
  try {
    configure(folder, { cores, hasShards: hasShards(), ports: own.ports });
    await startDaemons(cluster);
    await body(cluster);
  } finally {
    await cluster.end();
    Deno.removeSync(folder, { recursive: true });
  }
}

async function startDaemons(cluster: SlurmCluster): Promise<void> {
  const { folder } = cluster;
  const files = [
    "key-file=munge.key",
    "socket=munge.socket",
    "pid-file=munged.pid",
    "seed-file=munged.seed",
  ];
  cluster.start(
    "munged",
    "--foreground",
    "--force",
    `--log-file=${folder}/munged.log`,
    ...files.map((file) => `--${file.replace("=", `=${folder}/`)}`),
  );
  await cluster.untilUp(() => isThere(join(folder, "munge.socket")), "munged listens");
  cluster.start("slurmctld", "-D");
  for (const node of ["n1", "n2"]) cluster.start("slurmd", "-D", "-N", node);
  await cluster.untilUp(async () => {
    const nodes = await cluster.call("sinfo", "--noheader", "--Node", "--format=%t", "--partition=main")
      .catch(() => "");
    return nodes === "idle\nidle";
  }, "both nodes are idle");
}

/** Why GPUs can't be divided here; undefined if they can. */
export function shardsMissing(): string | undefined {
  return slurmMissing() ?? (hasShards() ? undefined : "Slurm divides GPUs since 22.05");
}

function hasShards(): boolean {
  // The commands of Slurm say their version only where a cluster is.
  const { stdout } = new Deno.Command(pathOf("slurmctld")!, { args: ["-V"] }).outputSync();
  const [, year, month] = /(\d+)\.(\d+)/.exec(new TextDecoder().decode(stdout)) ?? [];
  return Number(year) * 100 + Number(month) >= 2205;
}

function pathOf(program: string): string | undefined {
  return ["/usr/bin", "/usr/sbin", "/usr/local/bin", "/usr/local/sbin"].map((folder) => join(folder, program))
    .find(isThere);
}

function killIfThere(pid: number): void {
  try {
    Deno.kill(pid, "SIGKILL");
  } catch {
    // It has come to its end before.
  }
}

function isThere(path: string): boolean {
  try {
    return Deno.statSync(path) !== undefined;
  } catch {
    return false;
  }
}

function wait(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
