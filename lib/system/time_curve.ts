/** How long an operation takes by its size, from a few sizes that were measured. */

/** Seconds by size, both above 0; the smallest size first. */
export type TimeCurve = readonly (readonly [size: number, seconds: number])[];

/**
 * The seconds at any size: between two points those of a power of the size, above all of them in proportion to it, below
 * them those of the first point. A curve whose only size is 1 says how long one operation takes, whatever its size.
 */
export function secondsAt(curve: TimeCurve, size: number): number {
  const above = curve.findIndex(([at]) => at >= size);
  if (above === 0) return curve[0][1];
  const [largest, longest] = curve[curve.length - 1];
  if (above < 0) return longest * (largest > 1 ? size / largest : 1);
  const [[lower, least], [upper, most]] = [curve[above - 1], curve[above]];
  return between(least, most, Math.log(size / lower) / Math.log(upper / lower));
}

/** From `a` at a share of 0 to `b` at 1, by powers. */
export function between(a: number, b: number, share: number): number {
  return a * (b / a) ** share;
}
