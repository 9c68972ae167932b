/** The values by which two JSON files differ. */

import { type JsonLeaf, jsonLeaves } from "./json_leaves.ts";

/** A value in either file; undefined where it is only in the other. */
export type ValuePair = readonly [JsonLeaf | undefined, JsonLeaf | undefined];

/** Values of two files, given by their bytes, by dotted path; none where one of the files is not JSON. */
export function differingValues(
  before: Iterable<Uint8Array>,
  now: Iterable<Uint8Array>,
): Map<string, ValuePair> {
  try {
    return compareLeaves(jsonLeaves(before), jsonLeaves(now));
  } catch {
    return new Map(); // It is not JSON: its digest says that it differs.
  }
}

/** The files are read side by side, so that only what is elsewhere in the other one is kept in memory. */
function compareLeaves(
  before: Iterator<[string, JsonLeaf]>,
  now: Iterator<[string, JsonLeaf]>,
): Map<string, ValuePair> {
  const differing = new Map<string, ValuePair>();
  const waiting = [new Map<string, JsonLeaf>(), new Map<string, JsonLeaf>()] as const;
  const put = (path: string, a: JsonLeaf | undefined, b: JsonLeaf | undefined) => {
    if (a !== b) differing.set(path, [a, b]);
  };
  for (;;) {
    const [a, b] = [before.next(), now.next()];
    if (a.done && b.done) break;
    if (!a.done && !b.done && a.value[0] === b.value[0]) {
      put(a.value[0], a.value[1], b.value[1]);
      continue;
    }
    if (!a.done) meet(waiting, a.value, (other) => put(a.value[0], a.value[1], other));
    if (!b.done) meet([waiting[1], waiting[0]], b.value, (other) => put(b.value[0], other, b.value[1]));
  }
  for (const [path, value] of waiting[0]) put(path, value, undefined);
  for (const [path, value] of waiting[1]) put(path, undefined, value);
  return differing;
}

/** Takes the value of the same path from those of the other file, or waits for it. */
function meet(
  [own, other]: readonly [Map<string, JsonLeaf>, Map<string, JsonLeaf>],
  [path, value]: [string, JsonLeaf],
  found: (other: JsonLeaf) => void,
): void {
  const partner = other.get(path);
  if (partner === undefined) return void own.set(path, value);
  other.delete(path);
  found(partner);
}
