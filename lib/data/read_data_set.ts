/** The data sets by name, and their readers. */

import { readCars } from "./cars.ts";
import { readCub200 } from "./cub200.ts";
import type { DataSet } from "./data_set.ts";
import { readDogs } from "./dogs.ts";

const READERS = { cub200: readCub200, dogs: readDogs, cars196: readCars } as const;

/** Under the names of the reference implementation; `cub200` is also the layout of data sets that follow it. */
export type DataSetName = keyof typeof READERS;

export const DATA_SET_NAMES = Object.keys(READERS) as DataSetName[];

/**
 * The data set of the kind `name` whose archives are unpacked in `root`.
 *
 * @throws {DataSetError} naming file and line of the first fault.
 */
export function readDataSet(name: DataSetName, root: string): DataSet {
  return READERS[name](root);
}
