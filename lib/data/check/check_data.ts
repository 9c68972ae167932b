/** Checks a folder as a data set before anything runs, by what the kind `dataset` does with it, and collects all that is wrong. */

import type { DataSet } from "../data_set.ts";
import { DataSetError, type Fault } from "../data_set_error.ts";
import { type DataSetName, layoutOf, readDataSet } from "../read_data_set.ts";
import { Skips } from "../reading_options.ts";
import { checkImages } from "./check_images.ts";
import { type DataFacts, factsOf } from "./facts.ts";
import { colourWarnings, imageWarnings, skipSetting, splitWarnings } from "./warnings.ts";

/** What a folder holds, and what is wrong with it. */
export interface DataCheck {
  readonly folder: string;
  readonly layout: DataSetName;
  /** Absent if the folder can't be read as a data set at all. */
  readonly facts?: DataFacts;
  /** What the reader passes over. */
  readonly notes: readonly string[];
  /** What does not stop a run, but is probably not meant. */
  readonly warnings: readonly string[];
  /** What a run would fail for: the first of them, and how many there are. */
  readonly errors: readonly Fault[];
  readonly errorCount: number;
  /** The option that leaves out all images with an error; absent if there are other errors. */
  readonly wayOut?: string;
}

/**
 * Reads and decodes the data set in `folder`. Images with a fault are left out of all counts.
 *
 * @param progress is called with the number of decoded images
 */
export async function checkData(
  folder: string,
  progress: (done: number, total: number) => void = () => {},
): Promise<DataCheck> {
  const found = new Found();
  const layout = found.attempt(() => layoutOf(folder)) ?? "image-folder";
  const read = found.isHopeless ? undefined : readWithoutFaulty(folder, layout, found);
  if (!read) return { folder, layout, notes: [], warnings: [], ...found.errors };
  const { dataSet, headers, faults } = await checkImages(read.dataSet, undefined, progress);
  found.attempt(() => faults.throwIfAny());
  const isSound = dataSet.samples.map(({ name }) => !found.skipped.has(name));
  const rest = { ...dataSet, samples: dataSet.samples.filter((_, i) => isSound[i]) };
  const checked = { dataSet: rest, headers: headers.filter((_, i) => isSound[i]) };
  return {
    folder,
    layout,
    facts: factsOf(checked),
    notes: read.notes,
    warnings: [
      ...read.warnings,
      ...splitWarnings(rest),
      ...imageWarnings(checked, false),
      ...colourWarnings(checked),
    ],
    ...found.errors,
  };
}

interface Read {
  readonly dataSet: DataSet;
  readonly notes: readonly string[];
  readonly warnings: readonly string[];
}

/** The data set without the samples that have a fault; undefined if there are other faults. */
function readWithoutFaulty(folder: string, layout: DataSetName, found: Found): Read | undefined {
  for (;;) {
    const before = found.skipped.size;
    const [notes, warnings]: [string[], string[]] = [[], []];
    const dataSet = found.attempt(() =>
      readDataSet(layout, { source: folder }, {
        skip: new Skips([...found.skipped]),
        note: (text) => notes.push(text),
        warn: (text) => warnings.push(text),
      })
    );
    if (dataSet) return { dataSet, notes, warnings };
    if (found.isHopeless || found.skipped.size === before) return undefined;
  }
}

/** The faults so far, and the samples that they make unusable. */
class Found {
  readonly skipped = new Set<string>();
  /** Whether a fault is of no single sample, so that leaving out samples does not help. */
  isHopeless = false;
  readonly #faults: Fault[] = [];
  #count = 0;

  attempt<T>(read: () => T): T | undefined {
    try {
      return read();
    } catch (error) {
      if (!(error instanceof DataSetError)) throw error;
      this.#faults.push(...error.faults);
      this.#count += error.count;
      if (error.faults.some(({ sample }) => sample === undefined)) this.isHopeless = true;
      for (const sample of error.samples) this.skipped.add(sample);
    }
  }

  get errors(): Pick<DataCheck, "errors" | "errorCount" | "wayOut"> {
    const wayOut = this.skipped.size > 0 && !this.isHopeless ? skipSetting([...this.skipped]) : undefined;
    return { errors: this.#faults, errorCount: this.#count, ...(wayOut !== undefined && { wayOut }) };
  }
}
