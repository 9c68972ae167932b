/** The error of tables. */

/** Results that don't fit into one table; the message names the run, the column and the value. */
export class TableError extends Error {
  override readonly name = "TableError";
}
