/** Errors of the disk, in words that say what to do. */
import { codeOf } from "../../system/error_code.ts";
import { isFull, refusalOf } from "../failure.ts";
import { StoreError } from "./types.ts";

/**
 * Turns an error of the file system into a StoreError; other errors are returned unchanged.
 *
 * @param doing the attempted operation, such as "write a record to /data/store"
 */
export function storeError(doing: string, error: unknown): unknown {
  if (!(error instanceof Error) || error instanceof StoreError) return error;
  const refusal = refusalOf(error);
  if (refusal === undefined) return error;
  const options = { cause: error };
  if (isFull({ code: codeOf(error) })) {
    return new StoreError(
      "store-disk-full",
      `no space left to ${doing}: free some (\`gc\` removes what no run needs) and run the same command again`,
      options,
    );
  }
  if (refusal === refusalOf({ code: "EACCES" }) || refusal === refusalOf({ code: "EROFS" })) {
    return new StoreError(
      "store-not-writable",
      `no permission to ${doing} (${error.message}): expected a folder that this user may write to`,
      options,
    );
  }
  return new StoreError("store-io", `could not ${doing}: ${refusal} (${error.message})`, options);
}

/** Runs `work`; errors of the disk are thrown as StoreError. */
export function onDisk<T>(doing: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw storeError(doing, error);
  }
}

/** Runs optional `work`: an error of the disk is returned as a message instead of thrown. */
export function attempt(doing: string, work: () => void): string | undefined {
  try {
    work();
  } catch (error) {
    const refused = storeError(doing, error);
    if (!(refused instanceof StoreError)) throw error;
    return refused.message;
  }
}
