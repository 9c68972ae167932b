/** Lists folders. On Linux by system calls: Deno.readDirSync takes an error of the disk for the end of the list. */

import { constants } from "node:os";
import { isMissing } from "./is_there.ts";
import { cString, openLibrary } from "./libc.ts";

/** What is listed of a file, folder or link. */
export interface FolderEntry {
  /** With U+FFFD in the place of bytes that are not UTF-8: no file has a path with it. */
  readonly name: string;
  readonly isDirectory: boolean;
  readonly isSymlink: boolean;
}

/** The number of getdents64. */
const CALLS: Partial<Record<typeof Deno.build.arch, bigint>> = { x86_64: 217n, aarch64: 61n };
const O_DIRECTORY = Deno.build.arch === "aarch64" ? 0o40000 : 0o200000;
const O_CLOEXEC = 0o2000000;
const BUFFER_BYTES = 1 << 15;
const TYPE_UNKNOWN = 0;
const TYPE_FOLDER = 4;
const TYPE_LINK = 10;

const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
let library: ReturnType<typeof open> | null | undefined;

/** Null where the calls are not known, or this process may not load the library. */
function open() {
  const call = Deno.build.os === "linux" ? CALLS[Deno.build.arch] : undefined;
  if (call === undefined) return null;
  let symbols;
  try {
    // Without the address of a buffer, or memory at an address, which need the permission for all libraries.
    ({ symbols } = openLibrary(
      {
        open: { parameters: ["buffer", "i32"], result: "i32" },
        close: { parameters: ["i32"], result: "i32" },
        syscall: { parameters: ["i64", "i64", "buffer", "i64"], result: "i64" },
        __errno_location: { parameters: [], result: "pointer" },
        memcpy: { parameters: ["buffer", "pointer", "usize"], result: "pointer" },
      } as const,
    ));
  } catch {
    return null;
  }
  const { memcpy, __errno_location, ...calls } = symbols;
  const errno = new Int32Array(1);
  const readErrno = () => {
    memcpy(new Uint8Array(errno.buffer), __errno_location(), 4n);
    return errno[0];
  };
  const buffer = new Uint8Array(BUFFER_BYTES);
  return { ...calls, call, readErrno, buffer, view: new DataView(buffer.buffer) };
}

/**
 * The entries of a folder, in no order.
 *
 * @throws what the system refuses, also in the middle of the list. That, and entries whose names are not UTF-8, are only
 * seen on Linux, and in a process that may load the C library.
 */
export function readFolder(path: string): FolderEntry[] {
  const c = library === undefined ? (library = open()) : library;
  const fd = c?.open(cString(path), O_DIRECTORY | O_CLOEXEC) ?? -1;
  // Its error has words for the refusal.
  if (!c || fd < 0) return [...Deno.readDirSync(path)];
  try {
    const entries: FolderEntry[] = [];
    for (;;) {
      const length = Number(c.syscall(c.call, BigInt(fd), c.buffer, BigInt(BUFFER_BYTES)));
      if (length < 0) throw errorOf(path, c.readErrno());
      if (length === 0) return entries;
      addEntries(entries, path, c.view, length);
    }
  } finally {
    c.close(fd);
  }
}

/** Adds what getdents64 has written: of each entry the inode and an offset (8 bytes each), its length, type and name. */
function addEntries(entries: FolderEntry[], path: string, view: DataView, length: number): void {
  const bytes = new Uint8Array(view.buffer);
  for (let at = 0; at < length; at += view.getUint16(at + 16, true)) {
    const name = decoder.decode(bytes.subarray(at + 19, bytes.indexOf(0, at + 19)));
    if (name === "." || name === "..") continue;
    const type = bytes[at + 18];
    const found = type === TYPE_UNKNOWN && !name.includes("\ufffd")
      ? lookedUp(`${path}/${name}`)
      : { isDirectory: type === TYPE_FOLDER, isSymlink: type === TYPE_LINK };
    if (found !== undefined) entries.push({ name, ...found });
  }
}

/** Undefined where it is gone by now, such as a process in /proc, which is listed without a type while it ends. */
function lookedUp(path: string): Omit<FolderEntry, "name"> | undefined {
  try {
    const { isDirectory, isSymlink } = Deno.lstatSync(path);
    return { isDirectory, isSymlink };
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

function errorOf(path: string, errno: number): Error {
  const [code] = Object.entries(constants.errno).find(([, number]) => number === errno) ?? ["EIO"];
  return Object.assign(new Error(`${path} could not be listed: ${code}`), { code });
}
