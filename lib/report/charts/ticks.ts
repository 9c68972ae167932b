/** Ticks of an axis at round numbers. */

/**
 * Ascending ticks, 1, 2 or 5 times a power of ten apart, the first at or below `least`, the last at or above `most`.
 *
 * @param about the approximate number of intervals
 * @param whole whether ticks must be whole numbers
 */
export function niceTicks(least: number, most: number, about: number, whole = false): number[] {
  const span = most > least ? most - least : Math.abs(least) || 1;
  const rough = span / about;
  const power = 10 ** Math.floor(Math.log10(rough));
  const nice = [1, 2, 5, 10].find((factor) => factor * power >= rough * (1 - 1e-9))! * power;
  const step = whole ? Math.max(1, Math.round(nice)) : nice;
  const first = Math.floor(least / step + 1e-9);
  const last = Math.max(Math.ceil(most / step - 1e-9), first + 1);
  return Array.from({ length: last - first + 1 }, (_, i) => (first + i) * step);
}

/** Formats ticks with as many decimals as distinguish them. */
export function tickText(tick: number, ticks: readonly number[]): string {
  const step = ticks[1] - ticks[0];
  const decimals = Math.max(0, Math.ceil(-Math.log10(step) - 1e-9));
  const text = tick.toFixed(decimals);
  return Number(text) === 0 ? (0).toFixed(decimals) : text;
}
