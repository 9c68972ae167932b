/**
 * The order in which CPython iterates over a set of small integers. The reference's pruned models depend on
 * it.
 */

/** The number of slots that a probe checks after its first slot, if they are within the table. */
const LINEAR_PROBES = 9;
const SMALLEST_TABLE = 8;

/**
 * The order of `list(set(range(total)) - removed)` in CPython from 3.7 on. `kept` are the remaining numbers,
 * in ascending order. If few numbers are removed, CPython removes them from a copy of the set, which is in
 * ascending order. Otherwise it inserts the remaining numbers into a new hash table, whose size depends on
 * their count.
 */
export function setDifferenceOrder(total: number, kept: readonly number[]): number[] {
  if (total >> 2 > total - kept.length) return [...kept];
  let table = new Array<number | undefined>(SMALLEST_TABLE).fill(undefined);
  kept.forEach((value, i) => {
    insert(table, value);
    const used = i + 1;
    if (used * 5 >= (table.length - 1) * 3) table = resized(table, used > 50000 ? used * 2 : used * 4);
  });
  return table.filter((value) => value !== undefined);
}

function resized(table: readonly (number | undefined)[], above: number): (number | undefined)[] {
  let size = SMALLEST_TABLE;
  while (size <= above) size *= 2;
  const larger = new Array<number | undefined>(size).fill(undefined);
  for (const value of table) if (value !== undefined) insert(larger, value);
  return larger;
}

/** Inserts `value`, which is its own hash, into the first free slot of its probe sequence. */
function insert(table: (number | undefined)[], value: number): void {
  const mask = table.length - 1;
  let perturbation = value;
  for (let slot = value & mask;;) {
    const last = slot + LINEAR_PROBES <= mask ? slot + LINEAR_PROBES : slot;
    for (let at = slot; at <= last; at++) {
      if (table[at] === undefined) {
        table[at] = value;
        return;
      }
    }
    perturbation >>>= 5;
    slot = (slot * 5 + 1 + perturbation) & mask;
  }
}
