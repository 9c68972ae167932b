/** Logarithms of probabilities of the standard normal distribution, exact far out in its tails. */

/** log Φ(x): the logarithm of the probability of a value below `x`. */
export function logNormalCdf(x: number): number {
  if (x > 0) return Math.log1p(-Math.exp(logNormalCdf(-x)));
  const scaled = -x / Math.SQRT2;
  return Math.log(scaledErfc(scaled) / 2) - scaled * scaled;
}

/** The logarithm of the probability of a value between `low` and `high`; -∞ where that is an empty interval. */
export function logNormalMass(low: number, high: number): number {
  if (low >= high) return -Infinity;
  if (low > 0) return logNormalMass(-high, -low);
  if (high <= 0) {
    const above = logNormalCdf(high);
    return above + Math.log1p(-Math.exp(logNormalCdf(low) - above));
  }
  return Math.log1p(-tail(low) - tail(-high));
}

/** Beyond this many deviations a tail is less than the last place of 1. */
const NO_TAIL = 8.5;

/** Φ(x) for x ≤ 0, as far as it changes 1 - Φ(x). */
const tail = (x: number) => x < -NO_TAIL ? 0 : Math.exp(logNormalCdf(x));

/** Where the series and the continued fraction take about as many terms. */
const SPLIT = 2;

/** exp(x²) · erfc(x) for x ≥ 0 (Abramowitz and Stegun, 7.1.6 and 7.1.14), within a few units of the last place. */
function scaledErfc(x: number): number {
  if (x < SPLIT) return Math.exp(x * x) - erfSeries(x);
  // What n terms leave is about exp(-2x√(2n)).
  const terms = Math.ceil(10 + 160 / (x * x));
  let fraction = x;
  for (let k = terms; k > 0; k--) fraction = x + k / 2 / fraction;
  return 1 / (Math.sqrt(Math.PI) * fraction);
}

/** exp(x²) · erf(x), all terms of which are positive. */
function erfSeries(x: number): number {
  let term = x;
  let sum = x;
  for (let n = 1; term > sum * 1e-17; n++) {
    term *= 2 * x * x / (2 * n + 1);
    sum += term;
  }
  return 2 / Math.sqrt(Math.PI) * sum;
}
