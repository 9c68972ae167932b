/** From the references of a task to the members whose outputs one of its members takes. */
import type { InputRef } from "./expanded.ts";
import { type Axes, memberLabel, memberSuffix } from "./matrix.ts";
import type { Combination } from "./notation.ts";
import type { OutputReference, ReadInput, ReadTask, Reference } from "./read_definition.ts";
import { valuePlaces } from "./value_refs.ts";

export const isOutput = (reference: Reference): reference is OutputReference => "task" in reference;

/** Every output that a task takes, as an input or for a param. */
export function outputReferences(task: ReadTask): OutputReference[] {
  return [
    ...[...task.inputs.values()].flatMap(({ references }) => references.filter(isOutput)),
    ...valueReferences(task).map(({ reference }) => reference),
    // Its params and inputs bring their axes to the task.
    ...(task.stop === undefined ? [] : [{ task: task.stop, output: "verdict" }]),
  ];
}

/** The outputs from which a task's params take values. */
export function valueReferences(
  { params }: ReadTask,
): { keys: readonly string[]; path: string; reference: OutputReference }[] {
  return valuePlaces(params).flatMap(({ keys, value: { $value, path } }) => {
    const parts = /^([^.]+)\.(.+)$/.exec($value);
    return parts ? [{ keys, path, reference: { task: parts[1], output: parts[2] } }] : [];
  });
}

/** The inputs of members, given the axes that reach each task. */
export class MemberInputs {
  constructor(readonly axes: Axes, readonly axesOf: (task: string) => readonly string[]) {}

  /** The one output that the member at `place` takes. */
  one(reference: Reference, place: Combination): InputRef {
    if (!isOutput(reference)) return reference;
    const axes = this.axesOf(reference.task);
    return { task: reference.task + memberSuffix(axes, place), output: reference.output };
  }

  /** The list of outputs that the member at `place` takes, each with its label. */
  list({ references }: ReadInput, place: Combination): InputRef[] {
    return references.flatMap((reference, i): InputRef[] => {
      if (!isOutput(reference) || !(reference.over || reference.before)) {
        return [{ ...this.one(reference, place), label: String(i) }];
      }
      const { task, output, over = [], before } = reference;
      const axes = this.axesOf(task);
      const isFree = (axis: string) => over.includes(axis) || axis === before?.axis;
      const gathered = axes.filter(isFree);
      return this.axes.members(axes)
        .filter((member) => axes.every((axis) => isFree(axis) || member[axis] === place[axis]))
        .filter((member) => !before || this.#distance(before.axis, member, place) >= before.lag)
        .map((member) => {
          const label = memberLabel(gathered, member);
          const position = label === "" ? [i] : references.length > 1 ? [i, label] : [label];
          return { task: task + memberSuffix(axes, member), output, label: position.join("-") };
        });
    });
  }

  /** How many places `member` is before `place` on an axis. */
  #distance(axis: string, member: Combination, place: Combination): number {
    const values = this.axes.values(axis);
    return values.indexOf(place[axis]) - values.indexOf(member[axis]);
  }
}
