/** Reads the JSON files that the transformers library puts beside a checkpoint; what can't be used is named by its field. */

import { z } from "zod";
import { readJson } from "../../json/read_json.ts";

/** A file of another kind, or a field of it that can't be computed with. */
export class PretrainedFileError extends Error {
  override readonly name = "PretrainedFileError";

  /** @param expected what the field may be */
  static ofField(path: string, field: string, value: unknown, expected: string): PretrainedFileError {
    const given = value === undefined ? "is missing" : `is ${shortened(JSON.stringify(value))}`;
    return new PretrainedFileError(`${path}: ${field} ${given}; expected ${expected}`);
  }
}

/**
 * The fields of a file that `schema` knows; all others are left out.
 *
 * @param schema its fields' descriptions say what is expected
 * @param what the file is, for errors
 * @throws {JsonFileError} when the file is missing or is not JSON.
 * @throws {PretrainedFileError} naming the file and, where one is to blame, the field, its value and what it may be.
 */
export function readPretrainedFile<Schema extends z.ZodObject>(
  path: string,
  schema: Schema,
  what: string,
): z.output<Schema> {
  const content = readJson(path, z.unknown(), what);
  const parsed = schema.safeParse(content);
  if (parsed.success) return parsed.data;
  const [field] = parsed.error.issues[0].path;
  if (field === undefined) throw new PretrainedFileError(`${path} is not ${what}: expected an object`);
  const { description } = schema.shape[field as string] as z.ZodType;
  const value = (content as Record<PropertyKey, unknown>)[field];
  throw PretrainedFileError.ofField(path, String(field), value, description!);
}

function shortened(text: string): string {
  return text.length > 80 ? `${text.slice(0, 80)}…` : text;
}
