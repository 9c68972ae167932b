/** The system calls of Linux that isolation needs and the C library does not offer everywhere. */

import { addressOf, cString, openLibrary } from "../../system/libc.ts";

const O_WRONLY_CREAT_APPEND = 0o1 | 0o100 | 0o2000;
const O_CLOEXEC = 0o2000000;
const O_PATH = 0o10000000;
const CLONE_NEWNS = 0x20000;
/** A thread shares its root and working folder with the thread that started it, until one of the two gives that up. */
const CLONE_FS = 0x200;
const PR_CAPBSET_DROP = 24;
const PR_SET_NO_NEW_PRIVS = 38;
const PR_CAP_AMBIENT = 47;
const PR_CAP_AMBIENT_CLEAR_ALL = 4n;
const CAP_SYS_ADMIN = 21n;
const THIS_NAMESPACE = "/proc/thread-self/ns/mnt";
const PIDFD_OPEN = 434;
const AF_UNIX = 1, SOCK_STREAM = 1, SOCK_CLOEXEC = 0o2000000;
const MSG_DONTWAIT = 0x40, MSG_NOSIGNAL = 0x4000;
const ERRORS: Record<number, string> = {
  1: "not permitted",
  2: "not found",
  13: "permission denied",
  16: "busy",
  20: "not a folder",
  22: "not supported here",
  24: "too many open files: raise the limit (ulimit -n), or run fewer jobs at once (--jobs)",
  28: "too many mounts",
  38: "not known to this kernel",
  95: "not supported here",
};

let libc: ReturnType<typeof openLibc> | undefined;

function openLibc() {
  return openLibrary(
    {
      syscall: { parameters: ["i64", "i64", "i64", "i64", "i64", "i64", "i64"], result: "i64" },
      unshare: { parameters: ["i32"], result: "i32" },
      setns: { parameters: ["i32", "i32"], result: "i32" },
      prctl: { parameters: ["i32", "u64", "u64", "u64", "u64"], result: "i32" },
      open: { parameters: ["buffer", "i32", "i32"], result: "i32" },
      close: { parameters: ["i32"], result: "i32" },
      socket: { parameters: ["i32", "i32", "i32"], result: "i32" },
      socketpair: { parameters: ["i32", "i32", "i32", "buffer"], result: "i32" },
      connect: { parameters: ["i32", "buffer", "u32"], result: "i32" },
      recv: { parameters: ["i32", "buffer", "usize", "i32"], result: "isize" },
      send: { parameters: ["i32", "buffer", "usize", "i32"], result: "isize" },
      poll: { parameters: ["buffer", "usize", "i32"], result: "i32" },
      _exit: { parameters: ["i32"], result: "void" },
      __errno_location: { parameters: [], result: "pointer" },
    } as const,
  ).symbols;
}

const c = () => (libc ??= openLibc());

/** @throws Error with the name of the attempted operation where `result` says that a call failed */
function checked(doing: string, result: number | bigint): number {
  if (result >= 0) return Number(result);
  const error = errorNumber();
  throw new Error(`${doing}: ${ERRORS[error] ?? `error ${error}`}`);
}

/** The number of the error of the last call of this thread that failed. */
export function errorNumber(): number {
  return new Deno.UnsafePointerView(c().__errno_location()!).getInt32();
}

/** Calls a system call by its number, which is the same on every architecture from 424 on. @throws Error */
export function systemCall(doing: string, call: number, ...values: (number | bigint)[]): number {
  const [a = 0n, b = 0n, d = 0n, e = 0n, f = 0n, g = 0n] = values.map(BigInt);
  return checked(doing, c().syscall(BigInt(call), a, b, d, e, f, g));
}

/** A text as a parameter of {@link systemCall}; `hold` keeps it in memory until the call has returned. */
export function textParameter(text: string): { readonly address: bigint; readonly hold: Uint8Array } {
  const hold = cString(text);
  return { address: addressOf(hold), hold };
}

/** Gives the calling thread a mount namespace of its own, a copy of the one that it was in. @throws Error */
export function enterNewNamespace(): void {
  checked("make a mount namespace", c().unshare(CLONE_NEWNS | CLONE_FS));
}

/** A file descriptor of the calling thread's mount namespace. @throws Error */
export function thisNamespace(): number {
  return checked("open the mount namespace", c().open(cString(THIS_NAMESPACE), O_CLOEXEC, 0));
}

/** Moves the calling thread into a mount namespace. @throws Error */
export function enterNamespace(fd: number): void {
  // Needed each time: this thread may have started others since.
  checked("part from the other threads", c().unshare(CLONE_FS));
  checked("enter a mount namespace", c().setns(fd, CLONE_NEWNS));
}

/** Opens a path as a place, for reading or not. @throws Error */
export function openPlace(path: string): number {
  return checked(`open ${path}`, c().open(cString(path), O_PATH | O_CLOEXEC, 0));
}

/** Opens a log to append to it. @throws Error */
export function openLog(path: string): number {
  return checked(`open ${path}`, c().open(cString(path), O_WRONLY_CREAT_APPEND | O_CLOEXEC, 0o644));
}

export function closeFile(fd: number): void {
  c().close(fd);
}

/** Children of the calling thread will not have the right to change mounts, whoever they are. @throws Error */
export function dropMountRights(): void {
  checked("give up rights", c().prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0n, 0n, 0n));
  checked("give up rights", c().prctl(PR_CAPBSET_DROP, CAP_SYS_ADMIN, 0n, 0n, 0n));
}

/** Children of the calling thread can't gain rights, as by sudo. @throws Error */
export function forbidNewRights(): void {
  checked("forbid new rights", c().prctl(PR_SET_NO_NEW_PRIVS, 1n, 0n, 0n, 0n));
}

/** A file descriptor of a process, which can be read when that has ended. @throws Error */
export function openProcess(pid: number): number {
  return systemCall("watch a process", PIDFD_OPEN, pid, 0);
}

/** Opens the socket at `path`. @throws Error */
export function connectSocket(path: string): number {
  const fd = checked("make a socket", c().socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  // struct sockaddr_un: 16 bits of the family, and the path.
  const text = cString(path);
  const address = new Uint8Array(2 + text.length);
  address[0] = AF_UNIX;
  address.set(text, 2);
  checked(`open the socket ${path}`, c().connect(fd, address, address.length));
  return fd;
}

/** Two sockets that lead to each other. @throws Error */
export function socketPair(): [number, number] {
  const fds = new Int32Array(2);
  const bytes = new Uint8Array(fds.buffer);
  checked("make sockets", c().socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, bytes));
  return [fds[0], fds[1]];
}

/** Reads what there is, without waiting; returns the number of bytes, 0 at the end, or -1 (see `errorNumber`). */
export function receiveSome(socket: number, bytes: Uint8Array<ArrayBuffer>): number {
  return Number(c().recv(socket, bytes, BigInt(bytes.length), MSG_DONTWAIT));
}

/** Sends what can be sent without waiting; returns the number of bytes, or -1 (see `errorNumber`). */
export function sendSome(socket: number, bytes: Uint8Array<ArrayBuffer>): number {
  return Number(c().send(socket, bytes, BigInt(bytes.length), MSG_DONTWAIT | MSG_NOSIGNAL));
}

/** See poll(2). */
export function poll(fds: Uint8Array<ArrayBuffer>, count: number, timeoutMs: number): number {
  return c().poll(fds, BigInt(count), timeoutMs);
}

/** Ends the whole process at once, also from a worker. */
export function endProcess(code: number): never {
  c()._exit(code);
  throw new Error("the process goes on after its end");
}
