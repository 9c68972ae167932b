/** Reads JSON that must have a given form; a fault names the file and the field. */

import { readFileSync } from "node:fs";
import type { z } from "zod";

/** A file that is missing, is not JSON or has another form than expected. */
export class JsonFileError extends Error {
  override readonly name = "JsonFileError";
}

/**
 * The content of the JSON file `path`, in the form of `schema`.
 *
 * @param what the file holds, for errors: "the file can't be read as `what`"
 * @throws {JsonFileError} when the file can't be read or parsed, or naming the first field of another form.
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
 * assert.throws(() => readJson(path, schema, "a table of sizes"), /: sizes\.1: Too small.*, but -1 was given/);
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
 * The values in the lines of the file `path`, each of them JSON in the form of `schema`; empty lines are skipped.
 *
 * @param what the file holds, for errors
 * @throws {JsonFileError} when the file can't be read, or naming the first line and field of another form.
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
 * The value that `text` holds, in the form of `schema`.
 *
 * @param what the text is, for errors
 * @param place names the text in errors, such as its file
 * @throws {JsonFileError} when the text is not JSON, or naming the first field of another form.
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

/** The value at `path`, unless it is an object or absent, which the schema's message tells of. */
function given(content: unknown, path: readonly PropertyKey[]): string {
  const value = path.reduce(
    (at: unknown, key) => (at as Record<PropertyKey, unknown> | undefined)?.[key],
    content,
  );
  if (value === undefined || value === null || typeof value === "object") return "";
  const text = JSON.stringify(value);
  return `, but ${text.length > LONGEST_VALUE ? `${text.slice(0, LONGEST_VALUE)}…` : text} was given`;
}
