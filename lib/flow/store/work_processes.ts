/** Processes that work in a folder of the store, also when their engine is gone (Linux; elsewhere none is found). */
import { readProcess } from "./small_files.ts";
import { readFolder } from "../../system/read_folder.ts";

/** Holds the work folder of an action: by it a process is known to be the action's, wherever it has gone. */
export const WORK_VARIABLE = "PROTOFLOW_WORK";

const LOOK_MS = 10;
/** A process that the kernel doesn't let end for longer than that is given up. */
const MOST_LOOKS = 200;

/** Ends every process of the actions whose work folders are `folder` or in it, and returns when they are gone. */
export function endProcessesIn(folder: string): void {
  if (Deno.build.os !== "linux") return;
  // One that was just being started is not seen as such; it is by the second look.
  for (let looks = 0, inVain = 0; inVain < 2 && looks < MOST_LOOKS; looks++) {
    if (looks > 0) sleep(LOOK_MS);
    const found = processesIn(folder);
    inVain = found.length === 0 ? inVain + 1 : 0;
    for (const pid of found) {
      try {
        Deno.kill(pid, "SIGKILL");
      } catch {
        // It has ended meanwhile.
      }
    }
  }
}

function processesIn(folder: string): number[] {
  const mark = `${WORK_VARIABLE}=${folder}`;
  const pids = readFolder("/proc").map(({ name }) => name).filter((name) => /^\d+$/.test(name));
  return pids.filter((pid) =>
    workingFolder(pid).startsWith(`${folder}/`) ||
    readProcess(`/proc/${pid}/environ`).split("\0").some((variable) =>
      variable === mark || variable.startsWith(`${mark}/`)
    )
  ).map(Number);
}

function workingFolder(pid: string): string {
  try {
    return Deno.readLinkSync(`/proc/${pid}/cwd`);
  } catch {
    return ""; // Another user's process, or one that has just ended.
  }
}

function sleep(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}
