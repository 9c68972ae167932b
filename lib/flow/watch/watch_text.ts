/** A run that is watched, as lines for a terminal. */

import { bytes, duration } from "../display/format.ts";
import type { WatchedRun, WatchedTask } from "./watched_run.ts";

const BARS = "▁▂▃▄▅▆▇█";
const CURVE_CELLS = 40;
/** Of the log of a task, so many lines are shown. */
const LOG_LINES = 4;

/** What the run is and how far it has come. */
export function headLines(seen: WatchedRun): string[] {
  const { run, workflow, choice, state, by, ms, ended, total, standing, memory, gpus = [] } = seen;
  const name = [workflow, choice].filter(Boolean).join(" ");
  const machine = [
    ...(memory ? [`memory ${bytes(memory.usedBytes)} of ${bytes(memory.totalBytes)}`] : []),
    ...gpus.map(({ id, percent, usedBytes, totalBytes }) =>
      `GPU ${id}: ${percent} %, ${bytes(usedBytes)} of ${bytes(totalBytes)}`
    ),
  ];
  return [
    `${name}  run ${run} by ${by}: ${state}, ${ended}/${total} done, ${duration(ms)}`,
    ...standing,
    ...(machine.length > 0 ? [machine.join("; ")] : []),
  ];
}

/** A task that is running: its bar, its curves and the end of its log. */
export function taskLines({ id, progress, curve, log }: WatchedTask): string[] {
  const curves = Object.entries(curve?.values ?? {});
  const width = Math.max(0, ...curves.map(([name]) => name.length));
  return [
    `  ${id}  ${progress}`,
    ...curves.map(([name, values]) => `    ${name.padEnd(width)}  ${sparkline(values)}`),
    ...log.slice(-LOG_LINES).map((line) => `    | ${line}`),
  ];
}

/** A bar for each value, between the least and the greatest one; of more than fit, each bar is the mean of several. */
export function sparkline(values: readonly (number | null)[]): string {
  const cells = Math.min(values.length, CURVE_CELLS);
  const means = Array.from({ length: cells }, (_, i) => {
    const from = Math.floor(i * values.length / cells);
    const own = values.slice(from, Math.floor((i + 1) * values.length / cells)).filter((value) =>
      value !== null
    );
    return own.length === 0 ? undefined : own.reduce((sum, value) => sum + value, 0) / own.length;
  });
  const known = means.filter((mean) => mean !== undefined);
  const [least, most] = [Math.min(...known), Math.max(...known)];
  return means.map((mean) =>
    mean === undefined ? " " : BARS[most === least ? 0 : Math.round((mean - least) / (most - least) * 7)]
  ).join("");
}
