/** Numbers as Python prints them. */

/** The significant digits of the format `g`. */
const SIGNIFICANT = 6;

/**
 * Two decimals of the exact binary value, exact halves to the even digit, as Python's `.2f`: 0.125 → "0.12",
 * −0.001 → "-0.00"; "inf", "-inf" and "nan".
 */
export function format2(value: number): string {
  if (!Number.isFinite(value)) return nonFinite(value);
  const hundredths = roundedDecimal(Math.abs(value), 2);
  return `${signOf(value)}${hundredths / 100n}.${String(hundredths % 100n).padStart(2, "0")}`;
}

/** Six significant digits without trailing zeros, as Python's `g`: 0.5, 1e+06, 4.30879e-05. */
export function formatGeneral(value: number): string {
  if (!Number.isFinite(value)) return nonFinite(value);
  if (value === 0) return `${signOf(value)}0`;
  let exponent = Number(value.toExponential(20).split("e")[1]);
  let digits = String(roundedDecimal(Math.abs(value), SIGNIFICANT - 1 - exponent));
  if (digits.length > SIGNIFICANT) {
    digits = digits.slice(0, SIGNIFICANT);
    exponent++;
  }
  if (exponent < -4 || exponent >= SIGNIFICANT) {
    const mantissa = withoutTrailingZeros(`${digits[0]}.${digits.slice(1)}`);
    return `${signOf(value)}${mantissa}e${exponent < 0 ? "-" : "+"}${
      String(Math.abs(exponent)).padStart(2, "0")
    }`;
  }
  const padded = "0".repeat(Math.max(-exponent, 0)) + digits;
  const point = Math.max(exponent, 0) + 1;
  return signOf(value) + withoutTrailingZeros(`${padded.slice(0, point)}.${padded.slice(point)}`);
}

/** A number printed by one of the two; NaN for other text. */
export function parseNumber(text: string): number {
  const trimmed = text.trim().toLowerCase();
  const infinity = /^([+-]?)inf(inity)?$/.exec(trimmed);
  if (infinity) return infinity[1] === "-" ? -Infinity : Infinity;
  return trimmed === "" ? NaN : Number(trimmed);
}

/** value · 10^decimals as an integer, in exact arithmetic, halves to the even one. */
function roundedDecimal(value: number, decimals: number): bigint {
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, value);
  const bits = view.getBigUint64(0);
  const biased = Number(bits >> 52n);
  const fraction = bits & ((1n << 52n) - 1n);
  const significand = biased === 0 ? fraction : fraction | (1n << 52n);
  const exponent = Math.max(biased, 1) - 1075;
  const numerator = significand * 10n ** positive(decimals) << positive(exponent);
  const denominator = 10n ** positive(-decimals) << positive(-exponent);
  const whole = numerator / denominator;
  const twiceRest = 2n * (numerator % denominator);
  const isUp = twiceRest > denominator || (twiceRest === denominator && whole % 2n === 1n);
  return isUp ? whole + 1n : whole;
}

function positive(count: number): bigint {
  return BigInt(Math.max(count, 0));
}

function signOf(value: number): string {
  return value < 0 || Object.is(value, -0) ? "-" : "";
}

function withoutTrailingZeros(text: string): string {
  return text.replace(/\.?0*$/, "");
}

function nonFinite(value: number): string {
  if (Number.isNaN(value)) return "nan";
  return value > 0 ? "inf" : "-inf";
}
