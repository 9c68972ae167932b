/** Copies of files that are to stay where they are when they are kept: only the copies are read, once, and moved. */
import type { ListedFile } from "./file_tree.ts";
import { removeAll } from "./layout.ts";
import { copyWhole } from "./plain_file.ts";
import { StatKey } from "./stat_key.ts";

/** Files for a store to take, and what to do when it has them, or could not take them. */
export interface TakenFiles {
  /** In the order of those that were given. */
  readonly files: readonly ListedFile[];
  readonly end: () => void;
}

/** The files themselves. */
export const asTheyAre = (files: readonly ListedFile[]): TakenFiles => ({ files, end: () => {} });

/**
 * @param temporary gives a path for a copy, on the store's file system
 * @param changing makes the error for a file that is written to meanwhile
 */
export function copiesOf(
  files: readonly ListedFile[],
  temporary: () => string,
  changing: (path: string) => Error,
): TakenFiles {
  const made: string[] = [];
  const end = () => made.forEach(removeAll);
  try {
    const copies = files.map((file) => {
      const absolute = temporary();
      made.push(absolute);
      copyWhole(file.absolute, absolute);
      if (!StatKey.of(file.absolute)?.equals(file.key)) throw changing(file.absolute);
      return { ...file, absolute, key: StatKey.ofLink(absolute)! };
    });
    return { files: copies, end };
  } catch (error) {
    end();
    throw error;
  }
}
