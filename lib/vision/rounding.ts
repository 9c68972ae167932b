/** OpenCV's rounding of a float to an integer. */

/** From here on a float64 has no fraction bits left, so the addition itself rounds. */
const NO_FRACTION = 1.5 * 2 ** 52;

/**
 * The nearest integer, halves to the even one, as OpenCV's `cvRound`.
 *
 * @param value of at most 2⁵¹ in magnitude
 */
export function roundHalfEven(value: number): number {
  return (value + NO_FRACTION) - NO_FRACTION;
}
