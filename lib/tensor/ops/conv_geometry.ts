/** The geometry of convolutions: stride, padding and dilation. */

export type Pair = readonly [number, number];

export interface ConvAttributes {
  stride: Pair;
  padding: Pair;
  dilation: Pair;
  groups: number;
}

/** One number for both axes, or [height, width]. */
export function pair(value: number | Pair): Pair {
  return typeof value === "number" ? [value, value] : value;
}
