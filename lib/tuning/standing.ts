/** How a search stands, in a line. */

import { bestOf, type Direction, type FinishedTrial } from "./trial.ts";
import { valueText } from "./value_text.ts";

/** `best of 14 trials (2 pruned): trial 9 with 0.031: width 8, rate 0.018`. */
export function standingText(trials: readonly FinishedTrial[], direction: Direction): string {
  const counts = (["pruned", "failed"] as const).flatMap((state) => {
    const count = trials.filter((trial) => trial.state === state).length;
    return count > 0 ? [`${count} ${state}`] : [];
  });
  const all = `${trials.length} ${trials.length === 1 ? "trial" : "trials"}${
    counts.length > 0 ? ` (${counts.join(", ")})` : ""
  }`;
  const best = bestOf(trials, direction);
  if (!best) return `no complete one of ${all}`;
  const values = Object.entries(best.assignment).map(([name, value]) => `${name} ${valueText(value)}`);
  return `best of ${all}: trial ${best.trial} with ${valueText(best.value!)}: ${values.join(", ")}`;
}
