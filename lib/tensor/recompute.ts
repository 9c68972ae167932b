/**
 * Recomputation: values of the forward pass are computed again for the gradients instead of being kept (Chen et al. 2016,
 * arXiv:1604.06174). The same operations on the same values give the same bits, at the cost of time.
 */

import type { Program, Step } from "./graph.ts";
import { bytesOf, memoryOwners, peakBytes } from "./memory.ts";
import { checkpointCotangentOp, checkpointOp } from "./ops/checkpoint.ts";

/**
 * The program itself if its values fit into `bytes`; otherwise with as few segments recomputed as it needs to fit, or, if
 * it never fits, the one with the lowest peak. Segments are recomputed from the first on, as the first ones of a
 * network hold most and would be held longest.
 *
 * @param bytes the memory for intermediate values and outputs, as {@link peakBytes} counts them
 */
export function fitted(program: Program, bytes: number): Program {
  let [best, lowest] = [program, peakBytes(program)];
  const { length } = segmentsOf(program);
  for (let count = 1; count <= length && lowest > bytes; count++) {
    const next = recomputed(program, count);
    const peak = peakBytes(next);
    if (peak < lowest) [best, lowest] = [next, peak];
  }
  return best;
}

/**
 * The same outputs, with the values between checkpoints computed again for the gradients in the first `count` segments.
 * Values that are small beside the checkpoint of their segment, such as batch statistics, are kept. The gradients of each
 * segment are a part of the program, with what they compute again.
 */
export function recomputed(program: Program, count = Infinity): Program {
  const values = [...program.values];
  const owners = memoryOwners(program);
  const makers = makersOf(program);
  const segments = segmentsOf(program).slice(0, count);
  const segmentOf = new Map<number, Segment>();
  for (const segment of segments) for (const value of segment.values) segmentOf.set(value, segment);
  const kept = new Set(segments.map(({ checkpoint }) => owners[checkpoint]));
  const isRecomputed = (value: number, segment: Segment) =>
    segmentOf.get(value) === segment && !kept.has(owners[value]) && makers.get(value)!.inputs.length > 0 &&
    bytesOf(values[value]) * SMALL > bytesOf(values[segment.checkpoint]);

  const steps: Step[] = [];
  const parts = partsOf(program, segments);
  for (const step of program.steps) {
    const part = parts.get(step);
    if (part === undefined) {
      steps.push(step);
      continue;
    }
    const segment = segments[part];
    const copyOf = (value: number): number => {
      if (!isRecomputed(value, segment)) return value;
      const known = segment.copies.get(value);
      if (known !== undefined) return known;
      const { inputs, outputs, ...rest } = makers.get(value)!;
      const from = inputs.map(copyOf);
      const to = outputs.map((output) => values.push(values[output]) - 1);
      outputs.forEach((output, i) => segment.copies.set(output, to[i]));
      steps.push({ ...rest, inputs: from, outputs: to, label: `again ${rest.label}`, part });
      return segment.copies.get(value)!;
    };
    steps.push({ ...step, inputs: step.inputs.map(copyOf), part });
  }
  return {
    ...program,
    values,
    steps: withPartsInARow(steps, new Set(segments.map(({ gradient }) => gradient))),
  };
}

/**
 * The steps that belong to the gradients of each segment: those that need the gradient of its checkpoint and of no earlier one,
 * and those that only they read, such as a mask. Steps that compute an output of the program belong to none.
 */
function partsOf({ steps, outputs }: Program, segments: readonly Segment[]): Map<Step, number> {
  const parts = new Map<Step, number>();
  const ends = new Set(outputs.values());
  const partOf = new Map<number, number>(segments.map(({ gradient }, part) => [gradient, part]));
  for (const step of steps) {
    const [last] = step.inputs.flatMap((value) => partOf.get(value) ?? []).sort((a, b) => a - b);
    if (last === undefined) continue;
    // The gradient of an earlier checkpoint is computed by this part, and read by the next.
    for (const value of step.outputs) if (!partOf.has(value)) partOf.set(value, last);
    if (!step.outputs.some((value) => ends.has(value))) parts.set(step, last);
  }
  const forward = new Set(segments.flatMap(({ values }) => [...values]));
  const readers = new Map<number, Set<number | undefined>>();
  for (const step of steps.toReversed()) {
    const own = new Set(step.outputs.flatMap((value) => [...readers.get(value) ?? []]));
    const [only] = own;
    const isFree = !parts.has(step) && !step.outputs.some((value) => forward.has(value) || ends.has(value));
    if (isFree && own.size === 1 && only !== undefined && step.inputs.length > 0) parts.set(step, only);
    for (const value of step.inputs) {
      readers.set(value, (readers.get(value) ?? new Set()).add(parts.get(step)));
    }
  }
  return parts;
}

/**
 * The steps in an order in which those of each part follow each other, and every value is computed before it is used. In a part
 * the gradients of parameters come after that of the earlier checkpoint: of the results of a graph onnxruntime computes first
 * what comes last in it, and the gradient of a checkpoint is as large as all that the others need.
 */
function withPartsInARow(steps: readonly Step[], gradients: ReadonlySet<number>): Step[] {
  const units = new Map<Step | number, Step[]>();
  for (const step of steps) {
    const unit = step.part ?? step;
    const known = units.get(unit);
    if (known) known.push(step);
    else units.set(unit, [step]);
  }
  const makers = new Map(steps.flatMap((step) => step.outputs.map((value) => [value, step] as const)));
  const ordered: Step[] = [];
  const done = new Set<Step | number>();
  const add = (unit: Step | number) => {
    if (done.has(unit)) return;
    done.add(unit);
    const own = units.get(unit)!;
    for (const { inputs } of own) {
      for (const value of inputs) {
        const maker = makers.get(value);
        if (maker) add(maker.part ?? maker);
      }
    }
    ordered.push(...own);
  };
  for (const [unit, own] of units) {
    if (typeof unit === "number") units.set(unit, gradientFirst(own, gradients));
  }
  for (const step of steps) if (step.part === undefined) add(step);
  return ordered;
}

/** The steps of a part, those first that the gradient of the earlier checkpoint needs. */
function gradientFirst(steps: readonly Step[], gradients: ReadonlySet<number>): Step[] {
  const last = steps.find(({ outputs }) => outputs.some((value) => gradients.has(value)));
  if (last === undefined) return [...steps];
  const first = needed(last.outputs[0], makersOf({ steps }));
  return [...steps.filter((step) => first.has(step)), ...steps.filter((step) => !first.has(step))];
}

/** A value is kept if this many of its size fit into the checkpoint of its segment. */
const SMALL = 8;

/** The part of a forward pass between two checkpoints of a chain. */
interface Segment {
  /** The value at its end. */
  readonly checkpoint: number;
  /** The gradient of that value. */
  readonly gradient: number;
  /** What the checkpoint depends on, and no earlier checkpoint does. */
  readonly values: ReadonlySet<number>;
  /** For values that are computed again, the numbers of the new ones. */
  readonly copies: Map<number, number>;
}

/**
 * The segments that end with a checkpoint with a gradient, first ones first. The gradient of each depends on those of all later
 * ones; a checkpoint of which that is not so belongs to the segment after it.
 */
function segmentsOf(program: Program): Segment[] {
  const makers = makersOf(program);
  const gradients = new Map<number, number>();
  for (const { op, inputs: [gradient, checkpoint] } of program.steps) {
    if (op === checkpointCotangentOp) gradients.set(checkpoint, gradient);
  }
  const ends = program.steps.flatMap(({ op, outputs: [checkpoint] }) => {
    const gradient = op === checkpointOp ? gradients.get(checkpoint) : undefined;
    return gradient === undefined ? [] : [{ checkpoint, gradient, before: needed(gradient, makers) }];
  });
  const chain = ends.filter(({ before }, i) =>
    ends.slice(i + 1).every((later) => before.has(makers.get(later.gradient)!))
  );
  const taken = new Set<Step>();
  return chain.map((end) => {
    const steps = [...needed(end.checkpoint, makers)].filter((step) => !taken.has(step));
    for (const step of steps) taken.add(step);
    const { checkpoint, gradient } = end;
    return {
      checkpoint,
      gradient,
      values: new Set(steps.flatMap(({ outputs }) => outputs)),
      copies: new Map(),
    };
  });
}

function makersOf({ steps }: Pick<Program, "steps">): Map<number, Step> {
  return new Map(steps.flatMap((step) => step.outputs.map((value) => [value, step] as const)));
}

/** The steps that compute a value. */
function needed(value: number, makers: ReadonlyMap<number, Step>): Set<Step> {
  const found = new Set<Step>();
  const pending = [value];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    const step = makers.get(next);
    if (!step || found.has(step)) continue;
    found.add(step);
    pending.push(...step.inputs);
  }
  return found;
}
