/** Values of parameters and objectives as they are printed. */

import type { Value } from "./space.ts";

/** At most six significant digits of a number that is not whole. */
export function valueText(value: Value): string {
  return typeof value === "number" && !Number.isInteger(value)
    ? String(Number(value.toPrecision(6)))
    : String(value);
}
