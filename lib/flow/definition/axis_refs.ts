/** References to axes inside params: finding them, and putting in the values of a member. */
import { isPlainObject } from "./read_definition.ts";

/** The axis path of a reference, if `value` is one. */
function axisPath(value: unknown): string | undefined {
  if (!isPlainObject(value) || !Object.hasOwn(value, "$axis") || Object.keys(value).length !== 1) {
    return undefined;
  }
  return typeof value.$axis === "string" ? value.$axis : undefined;
}

/** Where a value refers to an axis. */
export interface AxisPlace {
  readonly path: string;
  readonly field: string;
}

/** Every axis path named in a value, each with the place where it is named. */
export function axisRefs(value: unknown, field: string): readonly AxisPlace[] {
  if (typeof value !== "object" || value === null) return [];
  const path = axisPath(value);
  if (path !== undefined) return [{ path, field }];
  const found: AxisPlace[] = [];
  for (const key in value) {
    const part = (value as Record<string, unknown>)[key];
    if (typeof part === "object" && part !== null) found.push(...axisRefs(part, `${field}.${key}`));
  }
  return found;
}

/** A copy of a value with each reference replaced by what `valueAt` gives for its path. */
export function substitute(value: unknown, valueAt: (path: string) => unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  const path = axisPath(value);
  if (path !== undefined) return valueAt(path);
  if (Array.isArray(value)) return value.map((part) => substitute(part, valueAt));
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, substitute(part, valueAt)]));
}
