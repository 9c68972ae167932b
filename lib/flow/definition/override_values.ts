/** What the texts of overrides stand for, and what they leave without use. */
import type { z } from "zod";
import type { AxisValue, Combination, Matrix } from "./notation.ts";
import { axisText, isPlainObject, type ReadTask } from "./read_definition.ts";
import { outputReferences } from "./member_inputs.ts";
import { valueOfText } from "./schema.ts";
import { isValueRef } from "./value_refs.ts";

/** The names of the tasks of which another takes an output. */
export function takenTasks(tasks: ReadonlyMap<string, ReadTask>): Set<string> {
  return new Set([...tasks.values()].flatMap(outputReferences).map(({ task }) => task));
}

/** Where a param's value comes from, if it is not written down: `axis seed`, `suggest.suggestion`. */
export function originOf(value: unknown): string | undefined {
  if (isValueRef(value)) return value.$value;
  return isPlainObject(value) && "$axis" in value ? `axis ${value.$axis}` : undefined;
}

/** The values of an axis; of variants the names. */
export function valuesOf(axis: Matrix[string]): readonly Combination[string][] {
  return Array.isArray(axis) ? axis : Object.keys(axis);
}

/** Each combination with every value of further axes. */
export function onAxes(
  include: readonly Combination[],
  axes: readonly string[],
  matrix: Matrix,
): readonly Combination[] {
  return axes.reduce(
    (all, axis) => all.flatMap((one) => valuesOf(matrix[axis]).map((value) => ({ ...one, [axis]: value }))),
    include,
  );
}

/** A text as JSON where it is some. */
export function jsonOrText(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** The values that a text with commas stands for, where each is valid by itself and can be on an axis. */
export function severalValues(text: string, schemas: readonly z.ZodType[]): AxisValue[] | undefined {
  const parts = text.split(",").map((part) => valueOfText(part.trim(), schemas)?.value);
  const isAxisValue = (value: unknown): value is AxisValue =>
    ["string", "number", "boolean"].includes(typeof value) && axisText.test(String(value));
  if (parts.length < 2 || !parts.every(isAxisValue)) return undefined;
  return new Set(parts.map(String)).size === parts.length ? parts : undefined;
}

/** A name for the axis of a param at `path`: its last part that no other axis has, `sep` or `joint-coefs-sep`. */
export function freeAxisName(path: readonly string[], known: readonly string[]): string | undefined {
  for (let from = path.length - 1; from >= 0; from--) {
    const name = path.slice(from).join("-").replaceAll(/[^A-Za-z0-9_-]/g, "_");
    if (/^[A-Za-z]/.test(name) && !known.includes(name)) return name;
  }
}
