/** A bounded cache of the coefficient tables of resizes, by input and output length. */

const CAPACITY = 256;

/**
 * `compute(from, to)`, remembered for the most recently used 256 pairs.
 *
 * Views are cut from boxes of any size, so a loader meets thousands of lengths; without a limit the tables
 * would accumulate in every worker.
 */
export function rememberTables<Table>(
  compute: (from: number, to: number) => Table,
): (from: number, to: number) => Table {
  const tables = new Map<number, Table>();
  return (from, to) => {
    const key = from * 2 ** 26 + to;
    let table = tables.get(key);
    if (table === undefined) {
      table = compute(from, to);
      if (tables.size >= CAPACITY) tables.delete(tables.keys().next().value!);
    } else {
      tables.delete(key);
    }
    tables.set(key, table);
    return table;
  };
}
