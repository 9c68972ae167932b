/** The work of programs as operations of which `calibrate` measures how long they take. */
import type { Operations, SizedOperations } from "../../lib/flow/demand.ts";
import type { Program } from "../../lib/tensor/graph.ts";
import { peakBytes } from "../../lib/tensor/memory.ts";
import {
  flopOf,
  type OperationKind,
  OPERATIONS,
  type Steps,
  type Work,
  workOf,
} from "../../lib/tensor/program_cost.ts";

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
  const work = workOf(program);
  return {
    flop: flopOf(program),
    bytes: peakBytes(program),
    work: byOperation((operation) => grouped(work[operation])),
    nodes: program.steps.length,
  };
}

/** The operations of some runs of programs. */
export function operationsOf(
  ...runs: readonly (readonly [cost: Pick<ProgramCost, "work">, times: number])[]
): Operations {
  return byOperation((operation) =>
    grouped(
      runs.flatMap(([{ work }, times]) =>
        work[operation].map(({ size, count }) => ({ size, count: count * times }))
      ),
    )
  );
}

function byOperation(
  stepsOf: (operation: OperationKind) => SizedOperations[],
): Record<OperationKind, SizedOperations[]> {
  return Object.fromEntries(OPERATIONS.map((operation) => [operation, stepsOf(operation)])) as ReturnType<
    typeof byOperation
  >;
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
