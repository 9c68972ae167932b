/** The check of sizes that every resize makes. */

/**
 * @throws {RangeError} when either side of the source or of the destination is not a positive integer.
 */
export function checkSizes(
  source: { readonly width: number; readonly height: number },
  width: number,
  height: number,
): void {
  for (const side of [source.width, source.height, width, height]) {
    if (!Number.isSafeInteger(side) || side < 1) {
      throw new RangeError(
        `a resize needs sides of at least one pixel, but ${source.width} × ${source.height} → ` +
          `${width} × ${height} was asked for`,
      );
    }
  }
}
