/**
 * Processes that outlive the action that started them, including those that left its session. The process that started
 * the action becomes their parent (PR_SET_CHILD_SUBREAPER of Linux), so that they can be found: a work folder may only be
 * reused once no process is left that could write to it.
 */

import { readProcess } from "../store/small_files.ts";

/** More generations than this of processes that start each other as fast as they are ended are given up. */
export const MOST_ROUNDS = 50;

/** What tells an action's processes from others: a daemon may have given up any of these, but hardly all. */
export interface ActionProcesses {
  /** The process that was started, which leads their session. */
  readonly leader: number;
  /** Variables that only they have in their environment. */
  readonly mark?: Readonly<Record<string, string>>;
  /** Only they have their working folder in it. */
  readonly cwd: string;
  /** The name that /proc has for their mount namespace, if it is theirs alone. */
  readonly namespace?: string;
}

/**
 * Kills the remaining processes of an action whose leader has ended. Call it again when they have ended and were waited
 * for, so that they do not stay as zombies: others may have come meanwhile.
 *
 * @param started the children that this process has started, which end by themselves
 * @returns those that it has killed
 */
export function killStrays(action: ActionProcesses, started: ReadonlySet<number>): number[] {
  const strays = adopted().filter((pid) => !started.has(pid) && isOf(action, pid));
  for (const pid of strays) {
    try {
      Deno.kill(pid, "SIGKILL");
    } catch {
      // It has ended meanwhile.
    }
  }
  return strays;
}

/** Orphaned processes become children of this process's first thread. */
function adopted(): number[] {
  return readProcess(`/proc/self/task/${Deno.pid}/children`).split(" ").filter(Boolean).map(Number);
}

function isOf({ leader, mark = {}, cwd, namespace }: ActionProcesses, pid: number): boolean {
  return sessionOf(pid) === leader || hasVariables(pid, mark) ||
    `${linkOf(pid, "cwd")}/`.startsWith(`${cwd}/`) ||
    (namespace !== undefined && linkOf(pid, "ns/mnt") === namespace);
}

/** Empty where it can't be read: the process has ended, or is another user's. */
function linkOf(pid: number, name: string): string {
  try {
    return Deno.readLinkSync(`/proc/${pid}/${name}`);
  } catch {
    return "";
  }
}

function sessionOf(pid: number): number {
  const stat = readProcess(`/proc/${pid}/stat`);
  // Behind the name in parentheses: state, parent, group, session.
  return Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[3]);
}

function hasVariables(pid: number, mark: Readonly<Record<string, string>>): boolean {
  const environment = readProcess(`/proc/${pid}/environ`).split("\0");
  const wanted = Object.entries(mark).map(([name, value]) => `${name}=${value}`);
  return wanted.length > 0 && wanted.every((variable) => environment.includes(variable));
}
