/** Folders that are named after the parts of a data set: train, val and test. */

import { listed } from "../data_set.ts";
import { DataSetError } from "../data_set_error.ts";

/** The part of a data set that a folder or a line of a split file names. */
export type NamedPart = "train" | "val" | "test";

const PARTS: Readonly<Record<string, NamedPart>> = {
  train: "train",
  training: "train",
  val: "val",
  valid: "val",
  validation: "val",
  test: "test",
  testing: "test",
};

/**
 * The folders of parts with their parts; undefined if the folders are classes.
 *
 * @throws {DataSetError} if some are parts and others are not, or several are of one part.
 */
export function partsOf(root: string, folders: readonly string[]): [string, NamedPart][] | undefined {
  const parts = folders.flatMap((name): [string, NamedPart][] => {
    const part = PARTS[name.toLowerCase()];
    return part ? [[name, part]] : [];
  });
  const named = new Set(parts.map(([, part]) => part));
  if (!named.has("train") || named.size < 2) return undefined;
  const names = parts.map(([name]) => name);
  const others = folders.filter((name) => !names.includes(name));
  const refuse = (reason: string): never => {
    throw new DataSetError(root, undefined, reason);
  };
  if (others.length > 0) {
    refuse(
      `it has folders of parts (${names.join(", ")}) and others beside them (${listed(others)}): ` +
        "move the others away, or rename the folders of parts if they are classes",
    );
  }
  if (named.size < parts.length) {
    refuse(`several of the folders ${names.join(", ")} are of the same part: put their classes into one`);
  }
  return parts;
}
