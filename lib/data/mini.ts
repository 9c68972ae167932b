/** The mini data set: the first classes of a data set in CUB's layout. */

import type { DataSet } from "./data_set.ts";

/** The data set's first `classCount` classes; ids and labels are unchanged. */
export function firstClasses(dataSet: DataSet, classCount: number): DataSet {
  return {
    ...dataSet,
    classes: dataSet.classes.slice(0, classCount),
    samples: dataSet.samples.filter(({ label }) => label < classCount),
  };
}
