/** Mounts of the calling thread's namespace, by the calls that Linux has since 5.12. */

import { addressOf } from "../../system/libc.ts";
import { closeFile, systemCall, textParameter } from "./linux_calls.ts";

const OPEN_TREE = 428;
const MOVE_MOUNT = 429;
const FSOPEN = 430;
const FSCONFIG = 431;
const FSMOUNT = 432;
const MOUNT_SETATTR = 442;

const AT_FDCWD = -100;
const AT_EMPTY_PATH = 0x1000;
const AT_RECURSIVE = 0x8000;
const OPEN_TREE_CLONE = 1;
const CLOEXEC = 0o2000000;
const MOVE_MOUNT_F_EMPTY_PATH = 4;
const MOVE_MOUNT_T_SYMLINKS = 0x10;
const FSOPEN_CLOEXEC = 1;
const FSCONFIG_CMD_CREATE = 6;
const FSMOUNT_CLOEXEC = 1;
const MOUNT_ATTR_RDONLY = 1n;
const MOUNT_ATTR_BYTES = 32;

/** A copy of the mount at `path`, with all mounted below, that is not yet anywhere. @throws Error */
export function cloneMount(path: string): number {
  const text = textParameter(path);
  const flags = OPEN_TREE_CLONE | AT_RECURSIVE | CLOEXEC;
  return systemCall(`mount ${path}`, OPEN_TREE, AT_FDCWD, text.address, flags);
}

/** Puts a mount that is not yet anywhere at `path`, over what is there. @throws Error */
export function placeMount(mount: number, path: string): void {
  const [empty, text] = [textParameter(""), textParameter(path)];
  const { address } = text;
  const flags = MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_SYMLINKS;
  systemCall(`mount over ${path}`, MOVE_MOUNT, mount, empty.address, AT_FDCWD, address, flags);
}

/** @throws Error */
export function setWritable(mount: number, writable: boolean): void {
  const empty = textParameter("");
  const [set, clear] = writable ? [0n, MOUNT_ATTR_RDONLY] : [MOUNT_ATTR_RDONLY, 0n];
  setAttributes(mount, empty.address, AT_EMPTY_PATH, set, clear);
}

/** Makes every mount of the namespace read-only. @throws Error */
export function makeAllReadOnly(): void {
  const root = textParameter("/");
  setAttributes(AT_FDCWD, root.address, AT_RECURSIVE, MOUNT_ATTR_RDONLY, 0n);
}

function setAttributes(folder: number, path: bigint, flags: number, set: bigint, clear: bigint): void {
  const attributes = new Uint8Array(new BigUint64Array([set, clear, 0n, 0n]).buffer);
  systemCall(
    "make mounts read-only",
    MOUNT_SETATTR,
    folder,
    path,
    flags,
    addressOf(attributes),
    MOUNT_ATTR_BYTES,
  );
}

/** A new file system in memory, mounted nowhere yet. @throws Error */
export function newMemoryMount(): number {
  const name = textParameter("tmpfs");
  const context = systemCall("make a tmpfs", FSOPEN, name.address, FSOPEN_CLOEXEC);
  try {
    systemCall("make a tmpfs", FSCONFIG, context, FSCONFIG_CMD_CREATE, 0, 0, 0);
    return systemCall("make a tmpfs", FSMOUNT, context, FSMOUNT_CLOEXEC, 0);
  } finally {
    closeFile(context);
  }
}
