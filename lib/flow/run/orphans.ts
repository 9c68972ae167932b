/** Ending what a killed run has left running: its children work in folders that are gone (Linux). */

import { LAYOUT } from "../store/layout.ts";
import type { Store } from "../store/store.ts";

/** Clears away the work folders of dead processes, and ends the processes that still are in one. */
export function endOrphans(store: Store): void {
  store.leases.clearDead();
  if (Deno.build.os !== "linux") return;
  for (const { name } of Deno.readDirSync("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    try {
      const folder = Deno.readLinkSync(`/proc/${name}/cwd`);
      // The folder of a living run is not deleted while a process of its action lives.
      if (folder.startsWith(`${store.folder}/${LAYOUT.work}/`) && folder.endsWith(" (deleted)")) {
        Deno.kill(Number(name), "SIGKILL");
      }
    } catch {
      // Another user's process, or one that has just ended.
    }
  }
}
