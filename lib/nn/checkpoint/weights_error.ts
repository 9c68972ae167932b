/** The error for a weight file that can't be read, and its reasons. */

/**
 * The reason why a weight file can't be read:
 * - `refused`: it tries to run code or access files, which a weight file must not do;
 * - `truncated`: it is shorter than its headers state;
 * - `malformed`: it violates its format or contradicts itself.
 */
export type WeightsFault = "refused" | "truncated" | "malformed";

/** A file of weights that is refused or damaged; the message names it. */
export class WeightsError extends Error {
  override readonly name = "WeightsError";

  /**
   * @param reason the kind of fault
   * @param file the file's path, or the caller's name for the bytes
   * @param detail the value found and the value expected
   */
  constructor(readonly reason: WeightsFault, readonly file: string, detail: string) {
    super(`${file}: ${detail}`);
  }
}
