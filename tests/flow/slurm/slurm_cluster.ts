/** A cluster of two nodes on this machine, of Slurm's own daemons as plain processes, in a folder for temporary use. */

import { hostname } from "node:os";
import { join } from "node:path";

const PROGRAMS = ["munged", "slurmctld", "slurmd", "sbatch", "squeue", "scancel", "scontrol", "sinfo"];

/** Why tests that need Slurm can't run here; undefined if they can. */
export function slurmMissing(): string | undefined {
  if (Deno.build.os !== "linux") return "Slurm runs on Linux";
  if (Deno.uid() !== 0) return "its daemons are started by root";
  const missing = PROGRAMS.filter((program) => pathOf(program) === undefined);
  return missing.length > 0 ? `not installed: ${missing.join(", ")}` : undefined;
}

/** Runs a test with Slurm's daemons; where they are missing it is skipped, and says so. Each node has so many cores. */
export function slurmTest(name: string, body: (cluster: SlurmCluster) => Promise<void>, cores = 4): void {
  const missing = slurmMissing();
  Deno.test({
    name: missing === undefined ? name : `${name} (skipped: ${missing})`,
    ignore: missing !== undefined,
    fn: () => inCluster(body, cores),
  });
}

export class SlurmCluster {
  readonly environment: Record<string, string>;
  /** By command line. */
  readonly #daemons = new Map<string, Deno.ChildProcess>();

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
    this.#daemons.set([program, ...args].join(" "), daemon);
  }

  /** A node that does not answer any more, and is said to be down. What runs on it is not told. */
  async killNode(name: string): Promise<void> {
    const daemon = this.#daemons.get(`slurmd -D -N ${name}`)!;
    this.#daemons.delete(`slurmd -D -N ${name}`);
    daemon.kill("SIGKILL");
    await daemon.status;
    await this.call("scontrol", "update", `NodeName=${name}`, "State=DOWN", "Reason=test");
  }

  async end(): Promise<void> {
    const cancel = new Deno.Command(pathOf("scancel")!, {
      args: ["--quiet", "--me"],
      env: this.environment,
      stdout: "null",
      stderr: "null",
    });
    await cancel.output();
    for (const daemon of [...this.#daemons.values()].reverse()) {
      daemon.kill("SIGTERM");
      await daemon.status;
    }
    this.#endOrphans();
  }

  /** What a daemon that was killed had started has its environment. */
  #endOrphans(): void {
    for (const { name } of Deno.readDirSync("/proc")) {
      try {
        const environment = Deno.readTextFileSync(`/proc/${name}/environ`).split("\0");
        if (environment.includes(`SLURM_CONF=${this.environment.SLURM_CONF}`)) {
          Deno.kill(Number(name), "SIGKILL");
        }
      } catch {
        // No process, or one that has just ended.
      }
    }
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
    for (let looks = 0; looks < 600; looks++) {
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
  try {
    configure(folder, cores);
    const socket = join(folder, "munge.socket");
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
    for (let looks = 0; looks < 200 && !isThere(socket); looks++) await wait(20);
    cluster.start("slurmctld", "-D");
    for (const node of ["n1", "n2"]) cluster.start("slurmd", "-D", "-N", node);
    for (let looks = 0;; looks++) {
      const nodes = await cluster.call("sinfo", "--noheader", "--Node", "--format=%t", "--partition=main")
        .catch(() => "");
      if (nodes === "idle\nidle") break;
      if (looks === 300) throw new Error(`the nodes did not come up: ${nodes}`);
      await wait(100);
    }
    await body(cluster);
  } finally {
    await cluster.end();
    Deno.removeSync(folder, { recursive: true });
  }
}

function configure(folder: string, cores: number): void {
  Deno.writeFileSync(join(folder, "munge.key"), crypto.getRandomValues(new Uint8Array(1024)), {
    mode: 0o600,
  });
  const [control, first, second] = freePorts(3);
  const shards = hasShards() ? ",shard:2" : "";
  Deno.writeTextFileSync(
    join(folder, "slurm.conf"),
    `ClusterName=test
SlurmctldHost=${hostname()}(127.0.0.1)
SlurmctldPort=${control}
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
AuthInfo=socket=${folder}/munge.socket
SlurmctldPidFile=${folder}/slurmctld.pid
SlurmdPidFile=${folder}/slurmd.%n.pid
SlurmdSpoolDir=${folder}/spool.%n
StateSaveLocation=${folder}/state
SlurmctldLogFile=${folder}/slurmctld.log
SlurmdLogFile=${folder}/slurmd.%n.log
SwitchType=switch/none
MpiDefault=none
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
ReturnToService=2
SchedulerParameters=batch_sched_delay=0,sched_interval=1,sched_min_interval=0
SelectType=select/cons_tres
SelectTypeParameters=CR_Core_Memory
SlurmdParameters=config_overrides
JobAcctGatherType=jobacct_gather/linux
JobAcctGatherFrequency=task=1
JobAcctGatherParams=OverMemoryKill
DefMemPerCPU=600
KillWait=2
OverTimeLimit=0
SlurmdTimeout=10
PreemptType=preempt/partition_prio
PreemptMode=REQUEUE
GresTypes=${shards === "" ? "gpu" : "gpu,shard"}
NodeName=n1 NodeHostname=${hostname()} NodeAddr=127.0.0.1 Port=${first} CPUs=${cores} RealMemory=8000 Gres=gpu:1${shards}
NodeName=n2 NodeHostname=${hostname()} NodeAddr=127.0.0.1 Port=${second} CPUs=${cores} RealMemory=8000 Gres=gpu:1${shards}
PartitionName=main Nodes=n1,n2 Default=YES MaxTime=INFINITE State=UP PriorityTier=1
PartitionName=fragile Nodes=n1,n2 MaxTime=INFINITE State=UP PriorityTier=1 PreemptMode=CANCEL
PartitionName=urgent Nodes=n1,n2 MaxTime=INFINITE State=UP PriorityTier=2
`,
  );
  // Any two character devices can stand for GPUs: nothing opens them.
  Deno.writeTextFileSync(
    join(folder, "gres.conf"),
    "NodeName=n1 Name=gpu File=/dev/null\nNodeName=n2 Name=gpu File=/dev/zero\n" +
      (shards === "" ? "" : "NodeName=n[1-2] Name=shard Count=2\n"),
  );
  for (const name of ["state", "spool.n1", "spool.n2"]) Deno.mkdirSync(join(folder, name));
}

/** Whether GPUs can be divided; Slurm can since 22.05. */
export function hasShards(): boolean {
  const { stdout } = new Deno.Command(pathOf("sinfo")!, { args: ["--version"] }).outputSync();
  const [, year, month] = /(\d+)\.(\d+)/.exec(new TextDecoder().decode(stdout)) ?? [];
  return Number(year) * 100 + Number(month) >= 2205;
}

/** Below those that the system gives to outgoing connections, which could take one before a daemon does. */
const PORTS = { first: 20_000, count: 12_000 };

function freePorts(count: number): number[] {
  const found = new Set<number>();
  while (found.size < count) {
    const port = PORTS.first + Math.floor(Math.random() * PORTS.count);
    try {
      Deno.listen({ hostname: "127.0.0.1", port }).close();
      found.add(port);
    } catch {
      // Somebody has it.
    }
  }
  return [...found];
}

function pathOf(program: string): string | undefined {
  return ["/usr/bin", "/usr/sbin", "/usr/local/bin", "/usr/local/sbin"].map((folder) => join(folder, program))
    .find(isThere);
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
