/**
 * Files of a store, and nothing else that has the name of one: a pipe would be waited for without end, and a link leads to a
 * file that is somebody's. What is no regular file is refused, as a file that is damaged.
 */
import { isStale, retryStale } from "../../system/stale.ts";
import { flushed } from "./late_refusals.ts";
import { removeAll } from "./layout.ts";
import { StatKey } from "./stat_key.ts";

/** BSD's code for a file of the wrong type; Linux has none. */
const NOT_PLAIN = "EFTYPE";

/** Does the error say that something else is in the place of a file? */
export function isNotPlain(error: unknown): boolean {
  return (error as { code?: string }).code === NOT_PLAIN;
}

/** Whether there is a regular file; false where nothing is. @throws what the system refuses, and for what is not a file */
export function isPlain(path: string): boolean {
  const key = StatKey.ofLink(path);
  if (key === undefined || key.isFile) return key !== undefined;
  const what = key.isFolder ? "a folder" : key.isLink ? "a symbolic link" : "a pipe, socket or device";
  throw Object.assign(new Error(`${path} is ${what}`), { code: NOT_PLAIN });
}

/** @throws as `isPlain`; Deno.errors.NotFound where nothing is */
export function openPlain(path: string, options?: Deno.OpenOptions): Deno.FsFile {
  return retryStale(() => {
    isPlain(path);
    return Deno.openSync(path, options);
  });
}

/** @throws as `openPlain` */
export function readPlain(path: string): Uint8Array<ArrayBuffer> {
  return retryStale(() => {
    isPlain(path);
    return Deno.readFileSync(path);
  });
}

/** @throws as `openPlain` */
export function readPlainText(path: string): string {
  return retryStale(() => {
    isPlain(path);
    return Deno.readTextFileSync(path);
  });
}

/** Removes what is in the place of a file of partial work and is none. @throws what the system refuses */
export function clearPlace(path: string): void {
  if (StatKey.ofLink(path)?.isFile === false) removeAll(path);
}

/**
 * Writes all of a file. What is made and can't be completed does not stay.
 *
 * @param options with `createNew` nothing may be there
 * @throws what the system refuses
 */
export function writeWhole(
  path: string,
  content: string | Uint8Array,
  options: Deno.WriteFileOptions = {},
): void {
  const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
  try {
    Deno.writeFileSync(path, bytes, options);
    flushed(path);
  } catch (error) {
    if (options.createNew && !(error instanceof Deno.errors.AlreadyExists)) removeAll(path);
    throw error;
  }
}

/** Appends to a file, which is made where nothing is. @throws as `isPlain` */
export function appendPlain(path: string, text: string): void {
  isPlain(path);
  retryStale(() => Deno.writeTextFileSync(path, text, { append: true }));
  flushed(path);
}

/** Copies a file to a path at which nothing is. @throws what the system refuses */
export function copyWhole(from: string, to: string): void {
  retryStale(() => {
    try {
      Deno.copyFileSync(from, to);
    } catch (error) {
      if (isStale(error)) removeAll(to);
      throw error;
    }
  });
  flushed(to);
}
