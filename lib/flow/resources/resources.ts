/** The machine's cpu, memory and gpus, given out to actions and never given twice. */

/** The resources that an action requests. `gpu` is a number of whole devices, or a share of one when below 1. */
export interface ResourceRequest {
  cpu: number;
  memoryMB: number;
  gpu: number;
}

/** The resources that an action holds until they are released: device ids, not only a count. */
export interface Assignment {
  cpu: number;
  memoryMB: number;
  /** Ids of the devices, as CUDA_VISIBLE_DEVICES takes them. */
  gpus: number[];
  /** The part of each of these devices that is held. */
  gpuShare: number;
}

export interface Machine {
  cpu: number;
  memoryMB: number;
  /** Ids of the gpus that may be used. */
  gpus: number[];
}

/** Shares are counted in thousandths: sums of decimal fractions are not exact in binary. */
const SHARES = 1000;

/** The resources of a machine and which of them are free. */
export class ResourcePool {
  #cpuFree: number;
  #memoryFree: number;
  readonly #gpuFree: Map<number, number>;

  constructor(readonly machine: Machine) {
    this.#cpuFree = machine.cpu;
    this.#memoryFree = machine.memoryMB;
    this.#gpuFree = new Map(machine.gpus.map((id) => [id, SHARES]));
  }

  /**
   * The resources that `request` lacks even on the idle machine, as a phrase; undefined if it can be met.
   * cpu and memory are never lacking: a request above the machine's gets the whole machine, see `assign`.
   */
  missing({ gpu }: ResourceRequest): string | undefined {
    const count = Math.ceil(gpu);
    if (count > this.machine.gpus.length) return `${count} gpu of the ${this.machine.gpus.length} here`;
  }

  /**
   * Takes what `request` asks for, or gives undefined when too little is free. cpu and memory above the machine's own
   * are cut to the whole machine, so that a task written for a larger one still runs, alone.
   */
  assign(request: ResourceRequest): Assignment | undefined {
    const cpu = Math.min(request.cpu, this.machine.cpu);
    const memoryMB = Math.min(request.memoryMB, this.machine.memoryMB);
    if (cpu > this.#cpuFree || memoryMB > this.#memoryFree) return undefined;
    const share = request.gpu < 1 ? Math.ceil(request.gpu * SHARES) : SHARES;
    const gpus = this.#freeGpus(Math.ceil(request.gpu), share);
    if (!gpus) return undefined;
    this.#cpuFree -= cpu;
    this.#memoryFree -= memoryMB;
    for (const id of gpus) this.#gpuFree.set(id, this.#gpuFree.get(id)! - share);
    return { cpu, memoryMB, gpus, gpuShare: gpus.length > 0 ? share / SHARES : 0 };
  }

  release({ cpu, memoryMB, gpus, gpuShare }: Assignment): void {
    this.#cpuFree += cpu;
    this.#memoryFree += memoryMB;
    for (const id of gpus) this.#gpuFree.set(id, this.#gpuFree.get(id)! + Math.round(gpuShare * SHARES));
  }

  /** Fullest devices first, so that shares gather on few devices and whole ones stay free. */
  #freeGpus(count: number, share: number): number[] | undefined {
    const fitting = [...this.#gpuFree].filter(([, free]) => free >= share);
    if (fitting.length < count) return undefined;
    return fitting.sort((a, b) => a[1] - b[1] || a[0] - b[0]).slice(0, count).map(([id]) => id).sort((a, b) =>
      a - b
    );
  }
}
