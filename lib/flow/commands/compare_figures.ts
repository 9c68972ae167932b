/** Compares two texts whose numbers may differ by a tolerance. */

import type { Tolerance } from "../kind.ts";

const NUMBER = /[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?/g;

/**
 * The difference between two texts (tables, JSON) whose numbers may differ by `absolute` + `relative`·|kept|;
 * undefined if there is none. Everything except numbers must be equal.
 */
export function compareWithin(
  kept: string,
  fresh: string,
  { absolute = 0, relative = 0 }: Tolerance,
): string | undefined {
  if (kept.replace(NUMBER, "#") !== fresh.replace(NUMBER, "#")) return "more than numbers differ";
  const numbers = fresh.match(NUMBER) ?? [];
  for (const [i, text] of (kept.match(NUMBER) ?? []).entries()) {
    const [a, b] = [Number(text), Number(numbers[i])];
    if (Math.abs(a - b) > absolute + relative * Math.abs(a)) {
      return `${b} where ${a} is kept; tolerance absolute ${absolute}, relative ${relative}`;
    }
  }
}
