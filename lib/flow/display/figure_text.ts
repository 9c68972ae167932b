/** Figures as people compare them: so many digits that four of them count, and no more for a deviation. */

const DIGITS = 4;
const MOST_DECIMALS = 6;

/** `97.50`, `0.1234`, `12345`; `97.50 ± 1.25` with a standard deviation. */
export function figureText({ mean, std }: { readonly mean: number; readonly std?: number }): string {
  const decimals = decimalsOf(mean === 0 ? std ?? 0 : mean);
  if (decimals === undefined) {
    return std === undefined ? mean.toPrecision(3) : `${mean.toPrecision(3)} ± ${std.toPrecision(2)}`;
  }
  return std === undefined ? mean.toFixed(decimals) : `${mean.toFixed(decimals)} ± ${std.toFixed(decimals)}`;
}

/** `+1.80`, `−0.30 ± 0.12`, with as many decimals as a figure of size `size` has. */
export function differenceText(
  { mean, std }: { readonly mean: number; readonly std?: number },
  size: number,
): string {
  const decimals = decimalsOf(size) ?? MOST_DECIMALS;
  const sign = mean < 0 ? "−" : "+";
  const text = sign + Math.abs(mean).toFixed(decimals);
  return std === undefined ? text : `${text} ± ${std.toFixed(decimals)}`;
}

/** Undefined for a number that is too small for a text without exponent. */
function decimalsOf(value: number): number | undefined {
  if (value === 0 || Number.isInteger(value)) return 0;
  const decimals = DIGITS - 1 - Math.floor(Math.log10(Math.abs(value)));
  return decimals > MOST_DECIMALS + 1 ? undefined : Math.min(Math.max(decimals, 0), MOST_DECIMALS);
}
