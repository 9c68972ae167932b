/** Texts of errors: system errors in words, and the file with the stack for errors of the program itself. */

import { codeOf } from "../system/error_code.ts";
import { FlowError } from "./errors.ts";

/** By error code of the system (errno). */
const REFUSALS = new Map([
  ["EACCES", "no permission"],
  ["EBUSY", "it is in use"],
  ["EDQUOT", "no space left: the disk quota of this user is used up"],
  ["EEXIST", "it is there already"],
  ["EFTYPE", "it is no regular file: move it away"],
  ["EFBIG", "the file is larger than the file system or a limit (ulimit -f) permits"],
  ["EINVAL", "the file system does not permit that"],
  ["EIO", "the disk, or the connection to it, has failed"],
  ["EISDIR", "it is a folder"],
  ["ELOOP", "its symbolic links lead round in a circle"],
  ["EMFILE", "too many files are open: raise the limit (ulimit -n)"],
  ["ENAMETOOLONG", "its name is too long for the file system"],
  ["ENFILE", "too many files are open on this machine"],
  ["ENODEV", "the file system does not permit that"],
  ["ENOENT", "there is no such file or folder"],
  ["ENOMEM", "no memory left"],
  ["ENOSPC", "no space left on the disk"],
  ["ENOTDIR", "a part of its path is not a folder"],
  ["ENOTEMPTY", "the folder is not empty"],
  ["ENXIO", "the device has gone"],
  ["EPERM", "no permission"],
  ["EROFS", "the file system is read-only"],
  ["ESTALE", "the network file system has lost it"],
  ["ETIMEDOUT", "the file system did not answer in time"],
  ["ETXTBSY", "it is being run"],
]);

/** A system error in words; undefined for any other error. */
export function refusalOf(error: unknown): string | undefined {
  if (error instanceof Deno.errors.NotCapable) return "no permission";
  return REFUSALS.get(codeOf(error) ?? "");
}

/** Does the error say that the disk, or the user's share of it, is full? */
export function isFull(error: unknown): boolean {
  const { code } = (error ?? {}) as { code?: unknown };
  return code === "ENOSPC" || code === "EDQUOT";
}

/** An error in words, without its stack. */
export function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const refusal = error instanceof FlowError ? undefined : refusalOf(error);
  const message = error.message || error.name;
  return refusal === undefined ? message : `${refusal} (${message})`;
}

/**
 * An error in words. An error that is neither a user's to mend nor the system's is a fault of ours: its stack is kept,
 * and the text says where.
 *
 * @param store the folder of the store that the stack is kept in; the folder for temporary files where there is none
 */
export function failureText(error: unknown, store?: string): string {
  const text = messageOf(error);
  if (store !== undefined && isClosed(error) && text.includes(store)) return `${text}; ${sharing(store)}`;
  if (error instanceof FlowError || refusalOf(error) !== undefined) return text;
  const file = keepStack(error, store);
  return `${text} (a fault of protoflow; ${
    file ? `its stack is in ${file}` : "its stack could not be kept"
  })`;
}

function isClosed(error: unknown): boolean {
  const { code, cause } = (error ?? {}) as { code?: unknown; cause?: { code?: unknown } };
  return code === "EACCES" || cause?.code === "EACCES";
}

/** How users share the store in `folder`; see store/group.ts. Blobs and records, which nobody may write to, stay so. */
function sharing(folder: string): string {
  const at = /^[\w./+-]+$/.test(folder) ? folder : `'${folder.replaceAll("'", `'\\''`)}'`;
  return "to share this store, run as root, with the name of a group that all its users are in for GROUP: " +
    `\`chgrp -R GROUP ${at} && find ${at} -type d -exec chmod g+rwxs {} + -o -type f -perm -u+w -exec chmod g+rw {} + ` +
    "-o -type f -exec chmod g+r {} +`";
}

function keepStack(error: unknown, store: string | undefined): string | undefined {
  const text = `${new Date().toISOString()} ${Deno.args.join(" ")}\n${
    Deno.inspect(error, { colors: false })
  }\n`;
  const name = `error-${Date.now()}-${Deno.pid}`;
  for (const folder of [store && `${store}/logs`, undefined]) {
    try {
      const file = folder ? `${folder}/${name}.log` : Deno.makeTempFileSync({ prefix: name, suffix: ".log" });
      if (folder && Deno.statSync(`${store}/version`)) Deno.mkdirSync(folder, { recursive: true });
      Deno.writeTextFileSync(file, text);
      return file;
    } catch {
      // There is no store yet, or its disk takes nothing.
    }
  }
}
