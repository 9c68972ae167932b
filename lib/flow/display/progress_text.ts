/** Bar, rate and time left of a running action. */

import type { Progress } from "../kind.ts";
import type { JobPlace } from "../place.ts";
import { duration } from "./format.ts";

export interface RunningAction {
  /** Milliseconds since 1970. */
  readonly since: number;
  readonly now: number;
  readonly progress?: Progress;
  /** The amount done at the first report: work of earlier runs does not count for the rate. */
  readonly first?: { readonly done: number; readonly at: number };
  readonly expectedMs?: number;
  readonly place?: JobPlace;
}

const BAR_CELLS = 20;

function bar(part: number): string {
  const filled = Math.round(Math.min(Math.max(part, 0), 1) * BAR_CELLS);
  return "█".repeat(filled) + "░".repeat(BAR_CELLS - filled);
}

/** Where an action waits and why, or where it runs. */
export function placeText({ state, job, why, node, gpus = [] }: JobPlace): string {
  if (state === "pending") return `waits as job ${job}${why === undefined ? "" : ` (${why})`}`;
  const devices = gpus.length === 0 ? "" : `, GPU ${gpus.join(", ")}`;
  return `on ${node ?? "a node"}${devices}, job ${job}`;
}

/** Estimated from the action's progress; without progress, from its last duration. A time runs from its start on a node. */
export function progressText({ place, ...action }: RunningAction): string {
  if (place === undefined) return ownProgress(action);
  if (place.state === "pending") return `${placeText(place)}  ${duration(action.now - action.since)}`;
  return `${ownProgress({ ...action, since: place.since ?? action.since })}  ${placeText(place)}`;
}

function ownProgress({ since, now, progress, first, expectedMs }: Omit<RunningAction, "place">): string {
  const elapsed = now - since;
  if (!progress) {
    if (expectedMs === undefined || expectedMs === 0) return duration(elapsed);
    const left = expectedMs - elapsed;
    const rest = left > 0 ? `about ${duration(left)} left` : "longer than last time";
    return `${bar(elapsed / expectedMs)} ${duration(elapsed)}, ${rest}`;
  }
  const { done, total, unit = "", values = {} } = progress;
  const worked = done - (first?.done ?? 0);
  const workedMs = now - (first?.at ?? since);
  const rate = worked > 0 && workedMs > 0 ? worked / workedMs : 0;
  const parts = [total === undefined ? `${done} ${unit}` : `${bar(done / total)} ${done}/${total} ${unit}`];
  if (rate > 0) parts.push(`${(rate * 1000).toPrecision(3)}/s`);
  if (rate > 0 && total !== undefined && total > done) parts.push(`${duration((total - done) / rate)} left`);
  parts.push(...Object.entries(values).map(([name, value]) => `${name} ${Number(value).toPrecision(4)}`));
  return parts.map((part) => part.trim()).join("  ");
}
