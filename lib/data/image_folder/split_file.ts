/** The file `split.txt` of a folder of classes: a line for each image, `train|val|test <class>/<file>`. */

import { join } from "node:path";
import { readRows } from "../annotation_rows.ts";
import { DataSetError, type FaultCollector } from "../data_set_error.ts";
import { type FoundImages, SPLIT_FILE } from "./found_images.ts";
import type { NamedPart } from "./named_parts.ts";

const PARTS: readonly string[] = ["train", "val", "test"] satisfies NamedPart[];
const FIELDS = ["train, val or test", "image…"];

/**
 * The part of each image by its name.
 *
 * @param faults takes lines of another form, and images that have no line or two, or are not there
 */
export function readSplitFile(
  { root, images }: FoundImages,
  faults: FaultCollector,
): ReadonlyMap<string, NamedPart> {
  const found = new Map<string, NamedPart>();
  const names = new Set(images.map(({ name }) => name));
  for (const row of faults.attempt(() => readRows(root, SPLIT_FILE, FIELDS)) ?? []) {
    faults.attempt(() => {
      const [part, given] = row.require(FIELDS).fields;
      const name = given.normalize("NFC");
      if (!PARTS.includes(part)) {
        throw row.error(`the line must begin with train, val or test, but begins with "${part}"`);
      }
      if (!names.has(name)) throw row.error(`there is no image "${name}"; expected <class>/<file>`);
      if (found.has(name)) throw row.error(`the image "${name}" has a second line`);
      found.set(name, part as NamedPart);
    });
  }
  for (const { name } of images) {
    if (found.has(name)) continue;
    const reason = `the image "${name}" has no line; add one, such as "train ${name}"`;
    faults.add(new DataSetError(join(root, SPLIT_FILE), undefined, reason), name);
  }
  return found;
}
