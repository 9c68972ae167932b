/** The error of every weight file that can't be read, and why. */

/**
 * Why a weight file was not read:
 * - `refused`: it asks to run or reach something that a weight file must not;
 * - `truncated`: it says more than it has;
 * - `malformed`: it is not of its format, or contradicts itself.
 */
export type WeightsFault = "refused" | "truncated" | "malformed";

export class WeightsError extends Error {
  override readonly name = "WeightsError";

  /**
   * @param reason what kind of fault it is
   * @param file the file's path, or what the caller named the bytes
   * @param detail what was found and what was expected
   */
  constructor(readonly reason: WeightsFault, readonly file: string, detail: string) {
    super(`${file}: ${detail}`);
  }
}
