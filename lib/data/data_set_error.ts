/** A fault in the files of a data set. */

/** Names the file, where there is one the line, and what is wrong there. */
export class DataSetError extends Error {
  override name = "DataSetError";

  /**
   * @param file path of the file at fault
   * @param line of the file, from 1; undefined where the fault lies at no one line
   * @param reason what was found and what was expected
   */
  constructor(
    readonly file: string,
    readonly line: number | undefined,
    readonly reason: string,
    options?: ErrorOptions,
  ) {
    super(`${file}${line === undefined ? "" : `, line ${line}`}: ${reason}`, options);
  }
}
