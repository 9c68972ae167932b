/** The order in which CPython iterates over a set of small integers, on which the reference's pruned models depend. */

/** Slots that are looked at after the first one of a probe, where they lie within the table. */
const LINEAR_PROBES = 9;
const SMALLEST_TABLE = 8;

/**
 * The order of `list(set(range(total)) - removed)` in CPython from 3.7 on, for the ascending numbers `kept` that are
 * left. A small difference is taken from a copy of the larger set, which is in ascending order; otherwise the numbers
 * are put into a new hash table, whose size follows their count.
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

/** Puts `value`, which is its own hash, into the first free slot of its probe sequence. */
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
