/**
 * Reads the JSON files that the transformers library stores beside a checkpoint; errors name the unusable
 * field.
 */

import { z } from "zod";
import { readJson } from "../../json/read_json.ts";

/** A file of the wrong kind, or an unsupported value of a field. */
export class PretrainedFileError extends Error {
  override readonly name = "PretrainedFileError";

  /** @param expected the supported values of the field */
  static ofField(path: string, field: string, value: unknown, expected: string): PretrainedFileError {
    const given = value === undefined ? "is missing" : `is ${shortened(JSON.stringify(value))}`;
    return new PretrainedFileError(`${path}: ${field} ${given}; expected ${expected}`);
  }
}

/**
 * Reads the fields of a file that are in `schema`; other fields are ignored.
 *
 * @param schema the fields; their descriptions state the expected values in error messages
 * @param what the kind of file, for error messages
 * @throws {JsonFileError} if the file is missing or is not JSON.
 * @throws {PretrainedFileError} naming the file and, if a field is wrong, the field, its value and the
 * expected value.
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
