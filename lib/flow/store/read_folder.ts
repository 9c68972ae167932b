/** Lists folders. On Linux by system calls: Deno.readDirSync takes an error of the disk for the end of the list. */

import { constants } from "node:os";
import { addressOf, cString, openLibrary } from "../libc.ts";

export interface FolderEntry {
  readonly name: string;
  readonly isDirectory: boolean;
}

/** The number of getdents64. */
const CALLS: Partial<Record<typeof Deno.build.arch, bigint>> = { x86_64: 217n, aarch64: 61n };
const O_DIRECTORY = Deno.build.arch === "aarch64" ? 0o40000 : 0o200000;
const O_CLOEXEC = 0o2000000;
const BUFFER_BYTES = 1 << 15;
const TYPE_UNKNOWN = 0;
const TYPE_FOLDER = 4;

const call = Deno.build.os === "linux" ? CALLS[Deno.build.arch] : undefined;
const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
let library: ReturnType<typeof open> | undefined;

function open() {
  const { symbols } = openLibrary(
    {
      open: { parameters: ["buffer", "i32"], result: "i32" },
      close: { parameters: ["i32"], result: "i32" },
      syscall: { parameters: ["i64", "i64", "i64", "i64"], result: "i64" },
      __errno_location: { parameters: [], result: "pointer" },
    } as const,
  );
  const buffer = new Uint8Array(BUFFER_BYTES);
  const errno = new Int32Array(Deno.UnsafePointerView.getArrayBuffer(symbols.__errno_location()!, 4));
  return { ...symbols, buffer, view: new DataView(buffer.buffer), address: addressOf(buffer), errno };
}

/**
 * The entries of a folder, in no order, without those whose names are not UTF-8.
 *
 * @throws what the system refuses, also in the middle of the list
 */
export function readFolder(path: string): FolderEntry[] {
  if (call === undefined) return [...Deno.readDirSync(path)];
  const c = (library ??= open());
  const fd = c.open(cString(path), O_DIRECTORY | O_CLOEXEC);
  // Its error has words for the refusal.
  if (fd < 0) return [...Deno.readDirSync(path)];
  try {
    const entries: FolderEntry[] = [];
    for (;;) {
      const length = Number(c.syscall(call, BigInt(fd), c.address, BigInt(BUFFER_BYTES)));
      if (length < 0) throw errorOf(path, c.errno[0]);
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
    const name = decoded(bytes.subarray(at + 19, bytes.indexOf(0, at + 19)));
    if (name === undefined || name === "." || name === "..") continue;
    const type = bytes[at + 18];
    const isDirectory = type === TYPE_UNKNOWN
      ? Deno.lstatSync(`${path}/${name}`).isDirectory
      : type === TYPE_FOLDER;
    entries.push({ name, isDirectory });
  }
}

function decoded(bytes: Uint8Array): string | undefined {
  try {
    return decoder.decode(bytes);
  } catch {
    return undefined;
  }
}

function errorOf(path: string, errno: number): Error {
  const [code] = Object.entries(constants.errno).find(([, number]) => number === errno) ?? ["EIO"];
  return Object.assign(new Error(`${path} could not be listed: ${code}`), { code });
}
