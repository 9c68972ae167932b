/** References to axes inside params: finding them, and putting in the values of a member. */
import { isPlainObject } from "./read_definition.ts";

/** The axis path of a reference, if `value` is one. */
function axisPath(value: unknown): string | undefined {
  if (!isPlainObject(value) || !Object.hasOwn(value, "$axis") || Object.keys(value).length !== 1) {
    return undefined;
  }
  return typeof value.$axis === "string" ? value.$axis : undefined;
}

/** Every axis path named in a value, each with the place where it is named. */
export function axisRefs(value: unknown, field: string, found: { path: string; field: string }[] = []) {
  if (typeof value !== "object" || value === null) return found;
  const path = axisPath(value);
  if (path !== undefined) found.push({ path, field });
  else for (const [key, part] of Object.entries(value)) axisRefs(part, `${field}.${key}`, found);
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
