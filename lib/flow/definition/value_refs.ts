/** Params that take their values from results: finding the references, and putting in examples or values. */
import type { Json } from "../json.ts";
import type { ValueRef } from "./notation.ts";
import { isPlainObject } from "./read_definition.ts";

/** Where a param takes a value from a result. */
export interface ValuePlace {
  /** The names and indices that lead to it in the params: `["coefs", "sep"]`. */
  readonly keys: readonly string[];
  readonly value: ValueRef;
}

/** Whether a value stands for a result's. */
export function isValueRef(value: unknown): value is ValueRef {
  return isPlainObject(value) && Object.keys(value).sort().join() === "$value,example,path" &&
    typeof value.$value === "string" && typeof value.path === "string";
}

/** Every reference to a result in `params`. */
export function valuePlaces(params: unknown, keys: readonly string[] = []): ValuePlace[] {
  if (isValueRef(params)) return [{ keys, value: params }];
  if (typeof params !== "object" || params === null) return [];
  return Object.entries(params).flatMap(([key, part]) => valuePlaces(part, [...keys, key]));
}

/** A copy of `params` with an example in the place of each reference. */
export function withExamples(params: unknown): unknown {
  if (isValueRef(params)) return params.example;
  if (typeof params !== "object" || params === null) return params;
  if (Array.isArray(params)) return params.map(withExamples);
  return Object.fromEntries(Object.entries(params).map(([key, part]) => [key, withExamples(part)]));
}

/** A copy of `params` with `value` at the place that `keys` lead to. */
export function withValueAt(params: unknown, [key, ...rest]: readonly string[], value: Json): unknown {
  if (key === undefined) return value;
  if (Array.isArray(params)) {
    return params.map((part, i) => String(i) === key ? withValueAt(part, rest, value) : part);
  }
  const object = params as Readonly<Record<string, unknown>>;
  return { ...object, [key]: withValueAt(object[key], rest, value) };
}
