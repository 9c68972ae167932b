/** What the texts of overrides stand for, and what they leave without use. */
import { statSync } from "node:fs";
import type { z } from "zod";
import { userPath } from "../user_path.ts";
import type { SourceRef } from "./expanded.ts";
import type { AxisValue, Combination, Matrix } from "./notation.ts";
import { own } from "../own.ts";
import { axisText, isPlainObject, type ReadTask, stopName } from "./read_definition.ts";
import { outputReferences } from "./member_inputs.ts";
import { valueOfText } from "./schema.ts";
import { isValueRef } from "./value_refs.ts";

/** The names of the tasks of which another takes an output. */
export function takenTasks(tasks: ReadonlyMap<string, ReadTask>): Set<string> {
  return new Set([...tasks.values()].flatMap(outputReferences).map(({ task }) => task));
}

/** The parts of `task.param=value`; the task is `joint.stop` for what may stop `joint`. Undefined where it has another form. */
export function partsOf(
  setting: string,
  tasks: ReadonlyMap<string, ReadTask>,
): { readonly task: string; readonly path: string; readonly text: string } | undefined {
  const [, task, path, text] = /^([^.=]+)\.([^=]+)=(.*)$/s.exec(setting) ?? [];
  if (task === undefined) return undefined;
  const ofStop = /^stop\.(.+)$/s.exec(path);
  return ofStop && tasks.has(stopName(task))
    ? { task: stopName(task), path: ofStop[1], text }
    : { task, path, text };
}

/** The part of some params that `keys` lead to; undefined where there is none. */
export function partAt(params: unknown, keys: readonly string[]): unknown {
  return keys.reduce<unknown>((part, key) => isPlainObject(part) ? own(part, key) : undefined, params);
}

/** The user's file or folder at a path relative to the current folder, or what is wrong with the path. */
export function sourceAt(text: string): SourceRef | { readonly message: string } {
  const path = userPath(text);
  const stat = statSync(path, { throwIfNoEntry: false });
  if (!stat) return { message: `there is no file or folder ${path}: correct the path, or create it` };
  return { source: stat.isDirectory() ? "folder" : "file", path };
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

/** The most values that a range may stand for. */
const LONGEST_RANGE = 100_000;

/** The values for an axis that a text stands for: numbers or booleans where the axis has such values now. */
export function axisValues(text: string, now: Matrix[string] | undefined): unknown[] {
  const texts = listedValues(text);
  return !Array.isArray(now) || now.every((value) => typeof value === "string")
    ? texts
    : texts.map(jsonOrText);
}

/** The parts of a text with commas, where `0..9` stands for all whole numbers from 0 to 9. */
function listedValues(text: string): string[] {
  return text.split(",").map((part) => part.trim()).flatMap((part) => {
    const [, first, last] = /^(\d{1,9})\.\.(\d{1,9})$/.exec(part) ?? [];
    const count = Number(last) - Number(first) + 1;
    if (first === undefined || count < 1 || count > LONGEST_RANGE) return [part];
    return Array.from({ length: count }, (_, i) => String(Number(first) + i));
  });
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
