/** Looks into the zod schema of a kind's params: its fields, a part of it by path, text typed by it. */
import type { z } from "zod";
import { own } from "../own.ts";
import type { Problem } from "./workflow_error.ts";
import { show } from "./workflow_error.ts";

/** The parts of zod's schema definitions that are read here. */
interface Definition {
  readonly type: string;
  readonly shape?: Record<string, z.ZodType>;
  readonly catchall?: z.ZodType;
  readonly innerType?: z.ZodType;
  readonly in?: z.ZodType;
  readonly getter?: () => z.ZodType;
  readonly element?: z.ZodType;
  readonly items?: readonly z.ZodType[];
  readonly valueType?: z.ZodType;
  readonly options?: readonly z.ZodType[];
  readonly left?: z.ZodType;
  readonly right?: z.ZodType;
}

const definitionOf = (schema: z.ZodType) => schema.def as unknown as Definition;

/** The schemas that a value may meet, without wrappers such as defaults. */
function alternatives(schema: z.ZodType): z.ZodType[] {
  const { type, innerType, in: from, getter, options, left, right } = definitionOf(schema);
  if (innerType) return alternatives(innerType);
  if (type === "pipe") return alternatives(from!);
  if (type === "lazy") return alternatives(getter!());
  if (options) return options.flatMap(alternatives);
  if (left && right) return [left, right].flatMap(alternatives);
  return [schema];
}

/** The names of the fields that an object of this schema has. */
export function fieldNames(schemas: readonly z.ZodType[]): string[] {
  return [
    ...new Set(schemas.flatMap(alternatives).flatMap((one) => Object.keys(definitionOf(one).shape ?? {}))),
  ];
}

/** The schemas of the part `key` of a value; none where there is no such part. */
export function partSchemas(schemas: readonly z.ZodType[], key: string): z.ZodType[] {
  // A schema of a record passes over it without a word.
  if (key === "__proto__") return [];
  return schemas.flatMap(alternatives).flatMap((one) => {
    const { shape, element, items, valueType } = definitionOf(one);
    const isIndex = /^\d+$/.test(key);
    if (shape) return Object.hasOwn(shape, key) ? [shape[key]] : [];
    if (items) return isIndex && items[Number(key)] ? [items[Number(key)]] : [];
    if (element) return isIndex ? [element] : [];
    return valueType ? [valueType] : [];
  });
}

/** The path of an object schema which lets unknown fields pass in silence; undefined where all are strict. */
export function looseObject(
  schema: z.ZodType,
  path = "params",
  above: readonly z.ZodType[] = [],
): string | undefined {
  if (above.includes(schema)) return undefined;
  for (const one of alternatives(schema)) {
    const { type, shape, catchall, element, items = [], valueType } = definitionOf(one);
    if (type === "object" && catchall === undefined) return path;
    const parts: [string, z.ZodType][] = Object.entries(shape ?? {});
    for (const part of [element, valueType, ...items]) if (part) parts.push(["*", part]);
    for (const [name, part] of parts) {
      const found = looseObject(part, `${path}.${name}`, [...above, schema]);
      if (found) return found;
    }
  }
}

/**
 * The value that a text stands for under one of the schemas: itself, a JSON value, or a list with commas.
 * @returns undefined where no reading of the text is valid
 */
export function valueOfText(text: string, schemas: readonly z.ZodType[]): { value: unknown } | undefined {
  const readings: unknown[] = [];
  try {
    readings.push(JSON.parse(text));
  } catch { /* it is no JSON */ }
  readings.push(text);
  for (const value of readings) {
    if (schemas.some((schema) => schema.safeParse(value).success)) return { value };
  }
  const elements = partSchemas(schemas, "0");
  if (elements.length === 0) return undefined;
  const parts = text === "" ? [] : text.split(",").map((part) => valueOfText(part.trim(), elements));
  if (parts.some((part) => part === undefined)) return undefined;
  const list = parts.map((part) => part!.value);
  return schemas.some((schema) => schema.safeParse(list).success) ? { value: list } : undefined;
}

/** The value that a schema fills in where none is given. */
export function defaultOf(schemas: readonly z.ZodType[]): unknown {
  for (const schema of schemas) {
    const filled = schema.safeParse(undefined);
    if (filled.success) return filled.data;
  }
}

type Issue = z.core.$ZodIssue;

/** What zod found wrong with `value`, in the terms of a workflow: one problem a field. */
export function problemsOfIssues(
  issues: readonly Issue[],
  value: unknown,
  above: readonly PropertyKey[] = [],
): Problem[] {
  return issues.flatMap((issue): Problem[] => {
    const path = [...above, ...issue.path];
    const field = ["params", ...path].map(String).join(".");
    const given = valueAt(value, path);
    if (issue.code === "unrecognized_keys") {
      return issue.keys.map((key) => ({
        field: `${field}.${key}`,
        message: `there is no param ${show(key)}`,
      }));
    }
    if (issue.code === "invalid_key") {
      const expected = issue.issues.map(expectation).join(", ");
      return [{ field, message: `${show(path.at(-1))} is no valid name`, expected }];
    }
    if (given === undefined) return [{ field, message: "it is missing", expected: expectation(issue) }];
    return [{ field, message: "it is not valid", given: show(given), expected: expectation(issue) }];
  });
}

function expectation(issue: Issue): string {
  switch (issue.code) {
    case "invalid_type":
      return `a value of type ${issue.expected}`;
    case "invalid_value":
      return issue.values.map((one) => show(one)).join(" or ");
    case "invalid_union":
      return [...new Set(issue.errors.flatMap((errors) => errors.map(expectation)))].join(", or ") ||
        issue.message;
    default:
      return issue.message.replace(/^(Invalid input|Too small|Too big): /, "").replace(/^expected /, "")
        .replace(/^Invalid /, "a valid ");
  }
}

function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (part, key) => own((part ?? {}) as Record<string, unknown>, String(key)),
    value,
  );
}
