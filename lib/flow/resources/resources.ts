/** The machine's cpu, memory and gpus, given out to actions and never given twice. */

/** The resources that an action requests. `gpu` is a number of whole devices, or a share of one when below 1. */
export interface ResourceRequest {
  /** Below 1 where a task on a GPU is to leave the rest of a core to others. */
  cpu: number;
  memoryMB: number;
  /** The memory with which it can start where `memoryMB` is not free; by default all of `memoryMB`. */
  leastMB?: number;
  gpu: number;
  /** Whether the gpu is the adapter of WebGPU, of which there is one. */
  adapter?: boolean;
}

/** The resources that an action holds until they are released: device ids, not only a count. */
export interface Assignment {
  cpu: number;
  memoryMB: number;
  /** Ids of the devices, as CUDA_VISIBLE_DEVICES takes them. */
  gpus: string[];
  /** The part of each of these devices that is held. */
  gpuShare: number;
}

/** What a machine has to give out. */
export interface Machine {
  readonly cpu: number;
  readonly memoryMB: number;
  /** Ids of the gpus that may be used: numbers, UUIDs or MIG instances. */
  readonly gpus: readonly string[];
  /** The id of the device that WebGPU computes on, if it is one of `gpus`. */
  readonly adapter?: string;
}

/** The id of the device of WebGPU on a machine without gpus that have ids. */
const ADAPTER = "adapter";

/** Shares are counted in thousandths: sums of decimal fractions are not exact in binary. */
const SHARES = 1000;

/** The resources of a machine and which of them are free. */
export class ResourcePool {
  /** In thousandths of a core. */
  #cpuFree: number;
  #memoryFree: number;
  /** Undefined until the first task asks for a gpu: looking for them takes a while. */
  #gpuFree: Map<string, number> | undefined;

  /** @param overbooking so many times what the machine has is given out */
  constructor(readonly machine: Machine, readonly overbooking = 1) {
    this.#cpuFree = machine.cpu * SHARES * overbooking;
    this.#memoryFree = machine.memoryMB * overbooking;
  }

  /**
   * The resources that `request` lacks even on the idle machine, as a phrase; undefined if it can be met.
   * cpu and memory are never lacking: a request above the machine's gets the whole machine, see `assign`.
   */
  missing({ gpu, adapter }: ResourceRequest): string | undefined {
    if (gpu === 0 || adapter) return undefined;
    const count = Math.ceil(gpu);
    if (count > this.machine.gpus.length) return `${count} gpu of the ${this.machine.gpus.length} here`;
  }

  /**
   * Takes what `request` asks for, or what is free of the memory if it is enough to start with; gives undefined when too little
   * is free. cpu and memory above the machine's own
   * are cut to the whole machine, so that a task written for a larger one still runs, alone.
   */
  assign(request: ResourceRequest): Assignment | undefined {
    const cores = Math.floor(Math.min(request.cpu, this.machine.cpu) * SHARES);
    const { leastMB = request.memoryMB } = request;
    const memoryMB = Math.min(request.memoryMB, Math.max(this.#memoryFree, 0));
    if (cores > this.#cpuFree || memoryMB < Math.min(leastMB, this.machine.memoryMB)) return undefined;
    const share = request.gpu < 1 ? Math.ceil(request.gpu * SHARES) : SHARES;
    const gpus = this.#freeGpus(request, share);
    if (!gpus) return undefined;
    this.#cpuFree -= cores;
    this.#memoryFree -= memoryMB;
    for (const id of gpus) this.#gpus.set(id, this.#gpus.get(id)! - share);
    return { cpu: cores / SHARES, memoryMB, gpus, gpuShare: gpus.length > 0 ? share / SHARES : 0 };
  }

  /** How often `request` could be met now, one beside the other. */
  timesFree(request: ResourceRequest, most: number): number {
    const given: Assignment[] = [];
    while (given.length < most) {
      const assignment = this.assign(request);
      if (assignment === undefined) break;
      given.push(assignment);
    }
    for (const assignment of given) this.release(assignment);
    return given.length;
  }

  release({ cpu, memoryMB, gpus, gpuShare }: Assignment): void {
    this.#cpuFree += Math.round(cpu * SHARES);
    this.#memoryFree += memoryMB;
    for (const id of gpus) this.#gpus.set(id, this.#gpus.get(id)! + Math.round(gpuShare * SHARES));
  }

  get #gpus(): Map<string, number> {
    const { gpus, adapter = ADAPTER } = this.machine;
    return this.#gpuFree ??= new Map([adapter, ...gpus].map((id) => [id, SHARES * this.overbooking]));
  }

  /** Fullest devices first, so that shares gather on few devices and whole ones stay free. */
  #freeGpus({ gpu, adapter }: ResourceRequest, share: number): string[] | undefined {
    if (gpu === 0) return [];
    const { machine } = this;
    const ids = adapter ? [machine.adapter ?? ADAPTER] : [...machine.gpus];
    const free = (id: string) => this.#gpus.get(id)!;
    const fitting = ids.filter((id) => free(id) >= share);
    if (fitting.length < Math.ceil(gpu)) return undefined;
    const chosen = fitting.sort((a, b) => free(a) - free(b)).slice(0, Math.ceil(gpu));
    return ids.filter((id) => chosen.includes(id));
  }
}
