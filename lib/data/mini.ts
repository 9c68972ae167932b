/**
 * The mini data set: the first classes of a data set in CUB's layout, and its files in the reference's
 * layout.
 */

import type { Fidelity } from "../fidelity.ts";
import type { DataSet } from "./data_set.ts";

/** The data set's first `classCount` classes; ids and labels are unchanged. */
export function firstClasses(dataSet: DataSet, classCount: number): DataSet {
  return {
    ...dataSet,
    classes: dataSet.classes.slice(0, classCount),
    samples: dataSet.samples.filter(({ label }) => label < classCount),
  };
}

/**
 * The lines of the text files of the reference implementation's own layout, by file name.
 *
 * @param fidelity the part ids. `reference`: 0 … P − 1, so part 0 is never visible and the last part is lost;
 * `intended`: 1 … P
 */
export function miniFiles(dataSet: DataSet, fidelity: Fidelity): Record<string, string[]> {
  const { classes, samples, partNames } = dataSet;
  const first = fidelity === "reference" ? 0 : 1;
  const partIds = Array.from({ length: partNames.size }, (_, i) => first + i);
  return {
    "sample_names.txt": samples.map(({ id, name }) => `${id} ${name}`),
    "sample_labels.txt": samples.map(({ id, label }) => `${id} ${label}`),
    "class_names.txt": classes.map((name, label) => `${label} ${name}`),
    "train_test_split.txt": samples.map(({ id, split }) => `${id} ${split === "train" ? 1 : 0}`),
    "bounding_boxes.txt": samples.map(({ id, box }) => [id, ...box!.map(floatText)].join(" ")),
    "parts/part_locs.txt": samples.flatMap(({ id, parts }) => {
      const visible = new Map(parts.map(([part, x, y]) => [part, `${floatText(x)} ${floatText(y)} 1`]));
      return partIds.map((part) => `${id} ${part} ${visible.get(part) ?? "0.0 0.0 0"}`);
    }),
  };
}

/** A number as Python writes a float. */
function floatText(value: number): string {
  return Number.isInteger(value) ? value.toFixed(1) : String(value);
}
