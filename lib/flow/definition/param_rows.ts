/** The params of a kind as people read them: a row for each, with its type and default. */

import { z } from "zod";

/** A param. */
export interface ParamRow {
  /** With the names of the objects that hold it: `model.coefs.sep`. */
  readonly name: string;
  /** Such as `whole number, 1 or more` or `"train" | "test"`. */
  readonly type: string;
  /** `default 4`, `optional` or `required`. */
  readonly fallback: string;
}

/** A part of JSON Schema, as zod gives it. */
interface Schema {
  readonly type?: string;
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly default?: unknown;
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly items?: Schema;
  readonly minimum?: number;
  readonly exclusiveMinimum?: number;
  readonly maximum?: number;
}

/** A longer default is cut. */
const LONGEST_DEFAULT = 60;

/** The params of a schema; those of an object that has a default are named by their own rows. */
export function paramRows(params: z.ZodType): ParamRow[] {
  const schema = z.toJSONSchema(params, { io: "input", unrepresentable: "any", reused: "inline" });
  return rowsOf(schema as Schema, "");
}

function rowsOf({ properties = {}, required = [] }: Schema, prefix: string): ParamRow[] {
  return Object.entries(properties).flatMap(([name, field]) => {
    if (field.properties) return rowsOf(field, `${prefix}${name}.`);
    const fallback = "default" in field
      ? `default ${defaultText(field.default)}`
      : required.includes(name)
      ? "required"
      : "optional";
    return [{ name: prefix + name, type: typeOf(field), fallback }];
  });
}

function defaultText(value: unknown): string {
  const text = JSON.stringify(value);
  return text.length > LONGEST_DEFAULT ? `${text.slice(0, LONGEST_DEFAULT - 1)}…` : text;
}

function typeOf(schema: Schema): string {
  const choices = schema.anyOf ?? schema.oneOf;
  if (choices) return choices.map(typeOf).join(" | ");
  if (schema.enum) return schema.enum.map((value) => JSON.stringify(value)).join(" | ");
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  switch (schema.type) {
    case "integer":
    case "number":
      return [schema.type === "integer" ? "whole number" : "number", ...limits(schema)].join(", ");
    case "array":
      return `list of ${schema.items ? typeOf(schema.items) : "values"}`;
    case "object": {
      const name = schema.properties?.name?.const;
      return name === undefined ? "object" : `{ name: ${JSON.stringify(name)}, … }`;
    }
    default:
      return schema.type ?? "any value";
  }
}

function limits({ minimum, exclusiveMinimum, maximum }: Schema): string[] {
  return [
    ...(exclusiveMinimum !== undefined ? [`more than ${exclusiveMinimum}`] : []),
    ...(minimum !== undefined && minimum > -1e15 ? [`${minimum} or more`] : []),
    ...(maximum !== undefined && maximum < 1e15 ? [`at most ${maximum}`] : []),
  ];
}
