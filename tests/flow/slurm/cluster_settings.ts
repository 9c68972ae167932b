/** The settings of a cluster of the tests: two nodes on this machine, with pretended GPUs, and ports of its own. */

import { hostname } from "node:os";
import { join } from "node:path";

/** What a cluster has for itself. */
export interface ClusterSettings {
  /** Each node has so many. */
  readonly cores: number;
  readonly hasShards: boolean;
  readonly ports: readonly number[];
}

/** Writes the files of Slurm and munge, and makes the folders that they name. */
export function configure(folder: string, { cores, hasShards, ports }: ClusterSettings): void {
  Deno.writeFileSync(join(folder, "munge.key"), crypto.getRandomValues(new Uint8Array(1024)), {
    mode: 0o600,
  });
  const [control, first, second] = ports;
  const shards = hasShards ? ",shard:2" : "";
  // However busy the machine is, a daemon that takes its time is not taken for a node that has failed, and a job that is
  // told to end has the time to do so.
  const patience = "SlurmdTimeout=600\nMessageTimeout=60\nBatchStartTimeout=600\nKillWait=60";
  const node = (name: string, port: number) =>
    `NodeName=${name} NodeHostname=${hostname()} NodeAddr=127.0.0.1 Port=${port} CPUs=${cores} RealMemory=8000 ` +
    `Gres=gpu:1${shards}`;
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
OverTimeLimit=0
${patience}
PreemptType=preempt/partition_prio
PreemptMode=REQUEUE
GresTypes=${hasShards ? "gpu,shard" : "gpu"}
${node("n1", first)}
${node("n2", second)}
PartitionName=main Nodes=n1,n2 Default=YES MaxTime=INFINITE State=UP PriorityTier=1
PartitionName=fragile Nodes=n1,n2 MaxTime=INFINITE State=UP PriorityTier=1 PreemptMode=CANCEL
PartitionName=urgent Nodes=n1,n2 MaxTime=INFINITE State=UP PriorityTier=2
`,
  );
  // Any two character devices can stand for GPUs: nothing opens them.
  Deno.writeTextFileSync(
    join(folder, "gres.conf"),
    "NodeName=n1 Name=gpu File=/dev/null\nNodeName=n2 Name=gpu File=/dev/zero\n" +
      (hasShards ? "NodeName=n[1-2] Name=shard Count=2\n" : ""),
  );
  for (const name of ["state", "spool.n1", "spool.n2"]) Deno.mkdirSync(join(folder, name));
}

/** Below those that the system gives to outgoing connections, which could take one before a daemon does. */
const PORTS = { first: 20_000, count: 12_000 };

/** Ports of which no other cluster of the tests has one until they are disposed of. */
export class OwnPorts implements Disposable {
  private constructor(readonly ports: readonly number[], readonly guard: Deno.Listener) {}

  static take(count: number): OwnPorts {
    const size = count + 1;
    for (;;) {
      const first = PORTS.first + size * Math.floor(Math.random() * PORTS.count / size);
      const ports = Array.from({ length: count }, (_, i) => first + 1 + i);
      // Who listens to the first one has those after it, also while no daemon listens to them yet.
      const guard = tryListen(first);
      if (guard === undefined) continue;
      if (ports.every(isFree)) return new OwnPorts(ports, guard);
      guard.close();
    }
  }

  [Symbol.dispose](): void {
    this.guard.close();
  }
}

function isFree(port: number): boolean {
  const listener = tryListen(port);
  listener?.close();
  return listener !== undefined;
}

function tryListen(port: number): Deno.Listener | undefined {
  try {
    return Deno.listen({ hostname: "127.0.0.1", port });
  } catch (error) {
    if (error instanceof Deno.errors.AddrInUse) return undefined;
    throw error;
  }
}
