/** Reads JSON and checks it against a schema; errors name the file and the field. */

import { readFileSync } from "node:fs";
import type { z } from "zod";

/** A file that is missing, is not JSON or does not match its schema. */
export class JsonFileError extends Error {
  override readonly name = "JsonFileError";
}

/**
 * Reads the JSON file `path` and checks it against `schema`.
 *
 * @param what the content of the file, for error messages: "the file can't be read as `what`"
 * @throws {JsonFileError} if the file can't be read or parsed, or does not match the schema; names the first
 * wrong field.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { z } from "zod";
 * import { readJson } from "./read_json.ts";
 *
 * const path = Deno.makeTempFileSync();
 * Deno.writeTextFileSync(path, '{"sizes": [3, -1]}');
 * const schema = z.strictObject({ sizes: z.array(z.int().positive()) });
 * assert.throws(() => readJson(path, schema, "a table"), /: sizes\.1: Too small.*but -1 was given/);
 * Deno.removeSync(path);
 * ```
 */
export function readJson<Schema extends z.ZodType>(
  path: string,
  schema: Schema,
  what: string,
): z.output<Schema> {
  return parseJson(textOf(path, what), schema, what, path);
}

/**
 * Reads a file of JSON lines and checks each value against `schema`; empty lines are skipped.
 *
 * @param what the content of the file, for error messages
 * @throws {JsonFileError} if the file can't be read or a line does not match the schema; names the first wrong
 * line and field.
 */
export function readJsonLines<Schema extends z.ZodType>(
  path: string,
  schema: Schema,
  what: string,
): z.output<Schema>[] {
  return textOf(path, what).split("\n").flatMap((line, i) =>
    line === "" ? [] : [parseJson(line, schema, what, `${path}, line ${i + 1}`)]
  );
}

/**
 * Parses `text` as JSON and checks it against `schema`.
 *
 * @param what the content of the text, for error messages
 * @param place the origin of the text in error messages, such as its file
 * @throws {JsonFileError} if the text is not JSON or does not match the schema; names the first wrong field.
 */
export function parseJson<Schema extends z.ZodType>(
  text: string,
  schema: Schema,
  what: string,
  place: string,
): z.output<Schema> {
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch (cause) {
    throw unreadable(place, what, cause);
  }
  const parsed = schema.safeParse(content);
  if (parsed.success) return parsed.data;
  const [{ path, message }] = parsed.error.issues;
  const field = path.map(String).join(".") || `can't be read as ${what}`;
  throw new JsonFileError(`${place}: ${field}: ${message}${given(content, path)}`);
}

function textOf(path: string, what: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (cause) {
    throw unreadable(path, what, cause);
  }
}

function unreadable(place: string, what: string, cause: unknown): JsonFileError {
  return new JsonFileError(`${place} can't be read as ${what}: ${(cause as Error).message}`, { cause });
}

const LONGEST_VALUE = 80;

/**
 * Describes the value at `path`; empty if it is an object or absent, because the schema's message says so
 * already.
 */
function given(content: unknown, path: readonly PropertyKey[]): string {
  const value = path.reduce(
    (at: unknown, key) => (at as Record<PropertyKey, unknown> | undefined)?.[key],
    content,
  );
  if (value === undefined || value === null || typeof value === "object") return "";
  const text = JSON.stringify(value);
  return `, but ${text.length > LONGEST_VALUE ? `${text.slice(0, LONGEST_VALUE)}…` : text} was given`;
}
