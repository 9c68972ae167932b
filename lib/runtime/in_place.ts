/** Finds the outputs of a program that may overwrite the memory of an input which the program reads. */

import type { Program, Step } from "../tensor/graph.ts";
import { VIEWS } from "../tensor/memory.ts";

/** Operations that read an element only to compute the element at the same position. */
const ELEMENTWISE = new Set(["add", "sub", "mul", "div", "maximum", "minimum"]);

/**
 * The outputs in `feedback` (output to input) that may share the memory of their inputs. This is safe if
 * every step that reads the input either runs before the step that computes the output, because that step
 * depends on it, or is that step itself and works element by element.
 */
export function inPlaceOutputs(program: Program, feedback: ReadonlyMap<string, string>): Set<string> {
  const makers = new Map<number, Step>();
  const readers = new Map<number, Step[]>();
  for (const step of program.steps) {
    for (const value of step.outputs) makers.set(value, step);
    for (const value of step.inputs) {
      const known = readers.get(value);
      if (known) known.push(step);
      else readers.set(value, [step]);
    }
  }
  const named = new Map<number, number>();
  for (const value of program.outputs.values()) named.set(value, (named.get(value) ?? 0) + 1);

  const found = new Set<string>();
  for (const [output, input] of feedback) {
    const [from, to] = [program.inputs.get(input)!, program.outputs.get(output)!];
    const maker = makers.get(to);
    // An input that is returned unchanged, or a value with two names, needs separate memory.
    if (!maker || named.get(to) !== 1 || named.has(from)) continue;
    const waiting = readersOfMemory(from, readers);
    if (waiting.delete(maker) && !readsInStep(program, maker, from)) continue;
    if (precede(waiting, maker, makers)) found.add(output);
  }
  return found;
}

/** The steps that read a value or a view of the value. */
function readersOfMemory(value: number, readers: ReadonlyMap<number, readonly Step[]>): Set<Step> {
  const found = new Set<Step>();
  const pending = [value];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    for (const step of readers.get(next) ?? []) {
      found.add(step);
      if (VIEWS.has(step.op.name)) pending.push(...step.outputs);
    }
  }
  return found;
}

function readsInStep({ values }: Program, step: Step, value: number): boolean {
  return ELEMENTWISE.has(step.op.name) && values[value].shape.join() === values[step.outputs[0]].shape.join();
}

/** Whether `last` depends on all of `steps`. */
function precede(steps: Set<Step>, last: Step, makers: ReadonlyMap<number, Step>): boolean {
  const seen = new Set<Step>([last]);
  const pending = [last];
  for (let step = pending.pop(); step && steps.size > 0; step = pending.pop()) {
    for (const value of step.inputs) {
      const maker = makers.get(value);
      if (!maker || seen.has(maker)) continue;
      seen.add(maker);
      steps.delete(maker);
      pending.push(maker);
    }
  }
  return steps.size === 0;
}
