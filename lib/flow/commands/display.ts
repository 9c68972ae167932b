/** How a verb that runs tasks shows it: as JSON events, live on a terminal, or as plain lines. */

import type { RunObserver } from "../events.ts";
import type { CommonOptions } from "./open_workflow.ts";

/** Loads only the display that is wanted. */
export async function displayFor({ json }: CommonOptions): Promise<RunObserver> {
  if (json) return (await import("../display/json_events.ts")).jsonEvents();
  // A terminal of the type "dumb" can't move its cursor.
  if (Deno.stdout.isTerminal() && Deno.env.get("TERM") !== "dumb") {
    return (await import("../display/live_display.ts")).liveDisplay(() => Deno.consoleSize());
  }
  return (await import("../display/plain_display.ts")).plainDisplay();
}
