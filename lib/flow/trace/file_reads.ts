/** From the lines of strace to the files that processes read. */

import { resolve } from "node:path";

export interface FileRead {
  /** Absolute, as the system resolved it. */
  readonly path: string;
  /** `taken`: moved or linked without being opened. */
  readonly how: "read" | "run" | "listed" | "taken";
}

/** A call: its process, name, arguments and result, with paths as strace writes them. */
const CALL = /^(\d+) +(\w+)\((.*)\) += +(\d+)(?:<(.*)>(?:\(deleted\))?)?$/;
const TEXT = /"((?:[^"\\]|\\.)*)"/g;
const SHOWN_FOLDER = /AT_FDCWD<([^>]*)>/;

/** Files that a process made itself are known up to this number. */
const MOST_MADE = 100_000;
const LONGEST_FIRST_LINE = 256;

/** Follows the calls of a process and its descendants. */
export class FileReads {
  /** The working folder of each process, where a call has shown it since it was started. */
  readonly #folders = new Map<string, string>();
  /** What a process did with a relative path before its working folder was known. */
  readonly #waiting = new Map<string, ((folder: string) => void)[]>();
  readonly #made = new Set<string>();

  /**
   * @param cwd the working folder of the first process
   * @param onRead told of each file that was read and that the processes did not make themselves
   * @param onRing told that a process can read files by io_uring, which no call shows
   */
  constructor(
    readonly cwd: string,
    readonly onRead: (read: FileRead) => void,
    readonly onRing: () => void,
  ) {}

  take(line: string): void {
    const [, pid, call, args, , target] = CALL.exec(line) ?? [];
    if (call === undefined) {
      if (/^\d+ +\+\+\+/.test(line)) this.#forget(line.slice(0, line.indexOf(" ")));
      return;
    }
    const folder = SHOWN_FOLDER.exec(args.replaceAll(TEXT, ""))?.[1];
    if (folder !== undefined) this.#show(pid, plain(folder));
    const texts = [...args.matchAll(TEXT)].map(([, text]) => plain(text));
    switch (call) {
      case "open":
      case "openat":
      case "openat2":
      case "open_by_handle_at":
      case "creat":
        return this.#open(call, args.replaceAll(TEXT, ""), plain(target ?? ""));
      case "getdents64":
        return this.#read({ path: plain(/^\d+<(.*?)>/.exec(args)?.[1] ?? ""), how: "listed" });
      case "execve":
      case "execveat":
        return this.#at(pid, args, texts[0], (path) => this.#run(path));
      case "mkdir":
      case "mkdirat":
        return this.#at(pid, args, texts[0], (path) => this.#make(path));
      case "io_uring_setup":
        return this.onRing();
      default:
        return this.#move(pid, args, texts);
    }
  }

  /** To be called at the end: paths that are relative to an unknown folder are taken from that of the first process. */
  end(): void {
    for (const pid of [...this.#waiting.keys()]) this.#forget(pid);
  }

  #open(call: string, args: string, path: string): void {
    if (call === "creat" || /O_TRUNC|O_EXCL/.test(args)) this.#make(path);
    else if (/O_RDONLY|O_RDWR/.test(args) && !/O_PATH|O_DIRECTORY/.test(args)) {
      this.#read({ path, how: "read" });
    }
  }

  #run(path: string): void {
    this.#read({ path, how: "run" });
    const interpreter = interpreterOf(path);
    if (interpreter !== undefined) this.#read({ path: interpreter, how: "run" });
  }

  #move(pid: string, args: string, [from, to]: string[]): void {
    const [, first = "", second = ""] = /^([^"]*)"(?:[^"\\]|\\.)*", ([^"]*)"/.exec(args) ?? [];
    this.#at(pid, first, from, (source) => {
      const isMade = this.#made.has(source) || source.startsWith(`${this.cwd}/`);
      if (isMade) this.#at(pid, second, to, (path) => this.#make(path));
      else this.#read({ path: source, how: "taken" });
    });
  }

  /** Calls `use` with the path that `text` stands for: below the descriptor in `args`, or the working folder. */
  #at(pid: string, args: string, text: string, use: (path: string) => void): void {
    const below = plain(/^\d+<([^>]*)>/.exec(args)?.[1] ?? "");
    const known = text.startsWith("/") ? "/" : below || this.#folders.get(pid);
    if (known !== undefined) return use(resolve(known, text));
    const waiting = this.#waiting.get(pid) ?? [];
    this.#waiting.set(pid, [...waiting, (folder) => use(resolve(folder, text))]);
  }

  #show(pid: string, folder: string): void {
    this.#folders.set(pid, folder);
    const waiting = this.#waiting.get(pid);
    this.#waiting.delete(pid);
    waiting?.forEach((use) => use(folder));
  }

  #forget(pid: string): void {
    this.#show(pid, this.#folders.get(pid) ?? this.cwd);
    this.#folders.delete(pid);
  }

  #make(path: string): void {
    if (this.#made.size < MOST_MADE && !path.startsWith(`${this.cwd}/`)) this.#made.add(path);
  }

  #read(read: FileRead): void {
    // Pipes, sockets and memory have names without a slash.
    if (read.path.startsWith("/") && !this.#made.has(read.path)) this.onRead(read);
  }
}

/** The program that runs a script by its first line. */
function interpreterOf(path: string): string | undefined {
  try {
    using file = Deno.openSync(path);
    const bytes = new Uint8Array(LONGEST_FIRST_LINE);
    const length = file.readSync(bytes) ?? 0;
    return /^#! *(\/[^\s]+)/.exec(new TextDecoder().decode(bytes.subarray(0, length)))?.[1];
  } catch {
    return undefined; // It is gone, or may be run but not read.
  }
}

/** A path without strace's escapes: octal bytes, and those of C. */
function plain(text: string): string {
  if (!text.includes("\\")) return text;
  const bytes = text.replaceAll(/\\([0-7]{1,3}|.)/g, (_, escaped: string) => {
    const code = /^[0-7]/.test(escaped)
      ? parseInt(escaped, 8)
      : "\t\n\v\f\r".charCodeAt("tnvfr".indexOf(escaped));
    return Number.isNaN(code) || !/^[0-7tnvfr]/.test(escaped) ? escaped : String.fromCharCode(code);
  });
  return new TextDecoder().decode(Uint8Array.from(bytes, (byte) => byte.charCodeAt(0)));
}
