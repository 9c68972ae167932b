/** The system's code of an error, such as ENOENT. */
import { constants } from "node:os";

/** By the numbers of this system; of several names of one number the first. */
let names: Map<number, string> | undefined;

/** The code of an error of the system; undefined for any other error. Deno gives none for some, but their number. */
export function codeOf(error: unknown): string | undefined {
  const { code, message } = (error ?? {}) as { code?: unknown; message?: unknown };
  if (typeof code === "string") return code;
  const number = typeof message === "string" ? /\(os error (\d+)\)/.exec(message)?.[1] : undefined;
  if (number === undefined) return undefined;
  names ??= new Map(Object.entries(constants.errno).toReversed().map(([name, errno]) => [errno, name]));
  return names.get(Number(number));
}
