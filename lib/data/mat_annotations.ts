/** Reads MATLAB annotation files in bounded memory and reports faults with the file's path. */

import { readBytes } from "./annotation_rows.ts";
import { DataSetError } from "./data_set_error.ts";
import { MatError } from "./mat/mat_array.ts";
import { type MatFile, parseMat } from "./mat/mat_file.ts";

const MAX_BYTES = 64 * 2 ** 20;

/**
 * Parses the MATLAB level-5 file at `path` and returns the result of `read`.
 *
 * @throws {DataSetError} if the file can't be read or parsed, or `read` throws a `MatError`.
 */
export function readMatFile<T>(path: string, read: (file: MatFile) => T): T {
  const bytes = readBytes(path, MAX_BYTES);
  try {
    return read(parseMat(bytes));
  } catch (error) {
    if (!(error instanceof MatError)) throw error;
    const [first, ...others] = error.faults;
    throw new DataSetError(path, undefined, first, {
      others: others.map((reason) => ({ file: path, line: undefined, reason })),
      count: error.count,
      cause: error,
    });
  }
}
