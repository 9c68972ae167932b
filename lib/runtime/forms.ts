/** The form chosen for each operation on a machine, as a table that can be stored. */

import { z } from "zod";
import { readJson } from "../json/read_json.ts";

/** The fastest form for each step key (`formKey`). Plain JSON, sorted by key. */
export type Forms = Readonly<Record<string, string>>;

const formsSchema = z.record(z.string(), z.string());

/**
 * The table of forms in the file `path`.
 *
 * @throws {JsonFileError} if the file is missing or malformed.
 */
export function readForms(path: string): Forms {
  return readJson(path, formsSchema, "a table of forms, the output of the kind tune");
}
