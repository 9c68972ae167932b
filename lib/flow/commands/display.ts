/** How a verb that runs tasks shows it: as JSON events, live on a terminal, or as plain lines. */

import type { RunObserver } from "../run/events.ts";
import type { CommonOptions } from "./session.ts";

/** Loads only the display that is wanted. */
export async function displayFor({ json }: CommonOptions): Promise<RunObserver> {
  if (json) return (await import("../run/json_events.ts")).jsonEvents();
  if (Deno.stdout.isTerminal()) {
    return (await import("../run/live_display.ts")).liveDisplay(() => Deno.consoleSize());
  }
  return (await import("../run/plain_display.ts")).plainDisplay();
}
