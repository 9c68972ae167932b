/** The work of programs as operations of which `calibrate` measures how long they take. */
import type { Operations, SizedOperations } from "../../lib/flow/demand.ts";
import type { Program } from "../../lib/tensor/graph.ts";
import { peakBytes } from "../../lib/tensor/memory.ts";
import { flopOf, type Steps, type Work, workOf } from "../../lib/tensor/program_cost.ts";

/** The work of one run, the memory that it needs, and what opening a session takes. */
export interface ProgramCost {
  readonly flop: number;
  /** Of intermediate values and outputs. */
  readonly bytes: number;
  readonly work: Work;
  /** The steps that a session is made of. */
  readonly nodes: number;
}

export function costOf(program: Program): ProgramCost {
  const { product, pass } = workOf(program);
  return {
    flop: flopOf(program),
    bytes: peakBytes(program),
    work: { product: grouped(product), pass: grouped(pass) },
    nodes: program.steps.length,
  };
}

/** The operations of some runs of programs. */
export function operationsOf(
  ...runs: readonly (readonly [cost: Pick<ProgramCost, "work">, times: number])[]
): Operations {
  const repeated = (name: keyof Work) =>
    grouped(
      runs.flatMap(([{ work }, times]) =>
        work[name].map(({ size, count }) => ({ size, count: count * times }))
      ),
    );
  return { product: repeated("product"), pass: repeated("pass") };
}

/** What processes do before they compute: load the runtime, and open sessions of programs with so many steps. */
export function preparationOf(nodes: number, processes = 1): Operations {
  return {
    runtime: [{ size: 1, count: processes }],
    node: [{ size: 1, count: processes * nodes }],
  };
}

/** Sizes that differ by less than a quarter count as one, their mean: a network has thousands of steps. */
function grouped(steps: readonly Steps[]): SizedOperations[] {
  const groups = new Map<number, { sum: number; count: number }>();
  for (const { size, count } of steps) {
    const at = Math.round(3 * Math.log2(Math.max(size, 1)));
    const group = groups.get(at) ?? { sum: 0, count: 0 };
    groups.set(at, { sum: group.sum + size * count, count: group.count + count });
  }
  return [...groups.values()].filter(({ count }) => count > 0)
    .map(({ sum, count }) => ({ size: sum / count, count }));
}
