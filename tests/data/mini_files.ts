/** The files of a data set in the layout of the reference implementation, as its cases state them. */

import type { Fidelity } from "../../lib/fidelity.ts";
import type { DataSet } from "../../lib/data/data_set.ts";

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
