/** OpenCV's rounding of a float to an integer. */

/** Rounds to the nearest integer, halves to the even one, as OpenCV's `cvRound`. */
export function roundHalfEven(value: number): number {
  const rounded = Math.round(value);
  return rounded - value === 0.5 && rounded % 2 !== 0 ? rounded - 1 : rounded;
}
