/** Processes that work on a store: who they are, and whether they still live. */
import { hostname } from "node:os";
import { isMissing } from "../../system/is_there.ts";

/** The content of a process's owner file. */
export interface Owner {
  /** Unique; also the name of its owner file and of its work folder. */
  readonly token: string;
  /** For people. */
  readonly host: string;
  /** Tells apart machines, their restarts, and containers with process numbers of their own. */
  readonly machine: string;
  readonly pid: number;
  /** When the process began, in the kernel's ticks since the machine did: a process number can come again. */
  readonly start: string;
  /** ISO 8601. */
  readonly since: string;
  /** Such as the command line. */
  readonly about: string;
}

/** The interval at which a process shows that it lives. */
export const HEARTBEAT_MS = 10_000;
/** An owner on another machine without a heartbeat for this long is taken for dead. */
const SILENCE_MS = 60_000;

/**
 * A new owner that stands for this process.
 *
 * @param about its purpose, for people, such as the command
 */
export function thisOwner(about: string): Owner {
  return {
    token: crypto.randomUUID(),
    host: hostname(),
    machine: thisMachine(),
    pid: Deno.pid,
    start: startOf(Deno.pid) ?? "",
    since: new Date().toISOString(),
    about,
  };
}

/** Stands for an owner file that says nothing, or is no file: it is complete before it has its name, so a power cut emptied
 * it. */
export const NOBODY: Owner = { token: "", host: "", machine: "", pid: 0, start: "", since: "", about: "" };

/** The owner that the text of its file says; undefined where it says none. */
export function parseOwner(text: string): Owner | undefined {
  try {
    const owner = JSON.parse(text) as Owner;
    const texts = [owner.token, owner.host, owner.machine, owner.start, owner.since, owner.about];
    return texts.every((value) => typeof value === "string") && Number.isSafeInteger(owner.pid) &&
        /^[0-9a-f-]{36}$/.test(owner.token)
      ? owner
      : undefined;
  } catch {
    return undefined;
  }
}

/** Tells living owners from dead ones. On this machine a process is looked up; on another one it is watched. */
export class Watch {
  readonly #seen = new Map<string, { heartbeat: number; at: number }>();

  /** @param heartbeat the modification time of the owner's file; only whether it changes matters, since the clocks of
   * two machines differ */
  isDead(owner: Owner, heartbeat: number): boolean {
    if (owner === NOBODY) return true;
    if (!isElsewhere(owner)) return startOf(owner.pid) !== owner.start;
    const now = performance.now();
    const seen = this.#seen.get(owner.token);
    if (seen?.heartbeat !== heartbeat) {
      this.#seen.set(owner.token, { heartbeat, at: now });
      return false;
    }
    return now - seen.at > SILENCE_MS;
  }
}

/** Whether its process can't be looked up here: then only its heartbeat tells whether it lives. */
export function isElsewhere({ machine, start }: Owner): boolean {
  return machine !== thisMachine() || start === "";
}

/** Whether its process has ended, as far as this machine knows without watching it: it was one of it, perhaps before a restart. */
export function hasSurelyEnded(owner: Owner): boolean {
  if (!isElsewhere(owner)) return startOf(owner.pid) !== owner.start;
  const [[host, boot], [itsHost, itsBoot]] = [thisMachine(), owner.machine].map((text) => text.split(" "));
  return host === itsHost && boot !== itsBoot;
}

let machine: string | undefined;

function thisMachine(): string {
  if (machine === undefined) {
    const boot = readOr("/proc/sys/kernel/random/boot_id", () => "").trim();
    const processes = linkOr("/proc/self/ns/pid");
    machine = `${hostname()} ${boot} ${processes}`;
  }
  return machine;
}

/** Undefined where the process does not live, or has ended and only waits to be noticed. */
function startOf(pid: number): string | undefined {
  const stat = readOr(`/proc/${pid}/stat`, () => undefined);
  if (stat === undefined) return undefined;
  // The name in parentheses may hold anything; the fields after it begin with the third, the state.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return fields[0] === "Z" || fields[0] === "X" ? undefined : fields[19];
}

function readOr<T>(path: string, otherwise: () => T): string | T {
  try {
    return Deno.readTextFileSync(path);
  } catch (error) {
    // A process may end between the opening and the reading of its file (ESRCH).
    if (isMissing(error) || (error as { code?: string }).code === "ESRCH") return otherwise();
    throw error;
  }
}

function linkOr(path: string): string {
  try {
    return Deno.readLinkSync(path);
  } catch {
    return "";
  }
}
