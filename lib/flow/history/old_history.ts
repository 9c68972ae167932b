/** Finds obsolete history entries: neither the last of their task, nor with a cached result. */

import { replaceFile } from "../store/replace_file.ts";
import { entriesOf, LAYOUT } from "../store/layout.ts";
import { filesToRemove, type Leftovers } from "../store/leftovers.ts";
import { readOrEmpty } from "../store/small_files.ts";
import { StatKey } from "../store/stat_key.ts";
import type { ActionKey, TreeDigest } from "../store/types.ts";
import { linesByTask, parseEntry } from "./history.ts";

/** Which history entries are obsolete. */
export interface OldHistoryOptions {
  /** In milliseconds since 1970. */
  readonly before: number;
  readonly isKept: (key: ActionKey) => boolean;
  /** Whether a kept result was made from the source folder of this digest. */
  readonly isInput: (tree: TreeDigest) => boolean;
}

/** Entries count as files. */
export function oldHistory(storeFolder: string, { before, isKept, isInput }: OldHistoryOptions): Leftovers {
  const folder = `${storeFolder}/history`;
  const trees = entriesOf(`${folder}/trees`).flatMap((name) => {
    const path = `${folder}/trees/${name}`;
    const isOld = (StatKey.ofLink(path)?.modifiedAt ?? Infinity) < before;
    return isOld && !isInput(name.replace(/\.json$/, "") as TreeDigest) ? [path] : [];
  });
  const lists = filesToRemove(trees);
  const logs = [folder, `${storeFolder}/${LAYOUT.historyFigures}`].flatMap((one) =>
    entriesOf(one).filter((name) => name.endsWith(".jsonl")).map((name) => `${one}/${name}`)
  );
  const shortened = logs.flatMap((path) => {
    const text = readOrEmpty(path);
    const lines = [...linesByTask(text).values()].flatMap((ofTask) =>
      ofTask.filter((line, i) => {
        const [entry] = parseEntry(line);
        return entry && (i === ofTask.length - 1 || entry.at >= before || isKept(entry.key));
      })
    );
    const fresh = lines.map((line) => `${line}\n`).join("");
    const dropped = text.split("\n").length - fresh.split("\n").length;
    return dropped > 0 ? [{ path, fresh, dropped, bytes: text.length - fresh.length }] : [];
  });
  return {
    files: shortened.reduce((sum, { dropped }) => sum + dropped, lists.files),
    bytes: shortened.reduce((sum, { bytes }) => sum + bytes, lists.bytes),
    remove(removals) {
      lists.remove(removals);
      for (const { path, fresh } of shortened) replaceFile(path, fresh);
    },
  };
}
