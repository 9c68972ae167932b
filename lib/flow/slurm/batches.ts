/** Which works go into which job: those with the same options into one array, small ones one after another. */

import type { JobOptions } from "./job_options.ts";

/** A work that is to be submitted. */
export interface Waiting {
  readonly path: string;
  readonly options: JobOptions;
  /** At most so many in one element. */
  readonly perJob: number;
}

/** One call of sbatch. */
export interface JobBatch {
  readonly args: readonly string[];
  /** By element of the array, paths of works. */
  readonly elements: readonly (readonly string[])[];
}

/** Slurm's own limit is 1001 by default. */
const MOST_ELEMENTS = 500;

/** @param cpu the processors of the cluster: works are put together only where they could not run side by side */
export function batchesOf(waiting: readonly Waiting[], cpu: number): JobBatch[] {
  const groups = Map.groupBy(waiting, ({ options, perJob }) => JSON.stringify([options, perJob]));
  return [...groups.values()].flatMap((works) => {
    const [{ options: { args, minutes }, perJob }] = works;
    const size = Math.min(perJob, Math.max(1, Math.ceil(works.length / cpu)));
    const elements = inParts(works.map(({ path }) => path), size);
    return inParts(elements, MOST_ELEMENTS).map((elements) => ({
      args: minutes === undefined ? args : [...args, `--time=${minutes * size}`],
      elements,
    }));
  });
}

function inParts<Part>(all: readonly Part[], size: number): Part[][] {
  return Array.from(
    { length: Math.ceil(all.length / size) },
    (_, i) => all.slice(i * size, (i + 1) * size),
  );
}
