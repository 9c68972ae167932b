/** The truncated normal distribution, which PyTorch has among its initialisers and no model of the product needs. */

import { float32, type HostTensor } from "../../../lib/tensor/host_tensor.ts";
import { RandomStream } from "../../../lib/tensor/random.ts";
import { erf } from "../../../lib/tensor/special.ts";
import { normalQuantile } from "./normal_quantile.ts";

/** `mean` and `std` are those after the truncation. */
export interface TruncatedNormal {
  readonly distribution: "truncated_normal";
  readonly mean: number;
  readonly std: number;
  readonly low: number;
  readonly high: number;
  /** Mean and standard deviation of the normal distribution before truncation. */
  readonly whole: { readonly mean: number; readonly std: number };
}

/**
 * N(mean, std²) truncated to [low, high]; the bounds are values, not multiples of std.
 *
 * With α, β the standardised bounds and Z = Φ(β) − Φ(α): mean + std·(φ(α) − φ(β))/Z, and
 * std²·(1 + (αφ(α) − βφ(β))/Z − ((φ(α) − φ(β))/Z)²) is its variance.
 *
 * @throws {RangeError} if the distribution has no mass between the bounds.
 */
export function truncatedNormal(mean: number, std: number, low: number, high: number): TruncatedNormal {
  const [alpha, beta] = [low, high].map((bound) => (bound - mean) / std);
  const mass = cumulative(beta) - cumulative(alpha);
  if (!(std > 0 && low < high && mass > 0)) {
    throw new RangeError(`N(${mean}, ${std}²) has no mass between ${low} and ${high}`);
  }
  const shift = (density(alpha) - density(beta)) / mass;
  const spread = 1 + (weighted(alpha) - weighted(beta)) / mass - shift * shift;
  return {
    distribution: "truncated_normal",
    mean: mean + std * shift,
    std: std * Math.sqrt(spread),
    low,
    high,
    whole: { mean, std },
  };
}

/** Values drawn by the inverse of the distribution function: one uniform number per value, however narrow the bounds. */
export function drawTruncated(
  { low, high, whole }: TruncatedNormal,
  count: number,
  seed: number,
): HostTensor<"float32"> {
  const values = new Float32Array(count);
  new RandomStream({ seed, purpose: "truncated" }).fillUniform(values);
  const [from, to] = [low, high].map((bound) => cumulative((bound - whole.mean) / whole.std));
  for (let i = 0; i < values.length; i++) {
    // Offset by half a step, because the quantile is infinite at 0 and 1.
    const probability = from + (to - from) * (values[i] + 2 ** -25);
    const value = whole.mean + whole.std * normalQuantile(probability);
    values[i] = Math.min(Math.max(value, low), high);
  }
  return float32([count], values);
}

function density(x: number): number {
  return Math.exp(-x * x / 2) / Math.sqrt(2 * Math.PI);
}

function cumulative(x: number): number {
  return (1 + erf(x / Math.SQRT2)) / 2;
}

/** x · φ(x); 0 at infinity. */
function weighted(x: number): number {
  return Number.isFinite(x) ? x * density(x) : 0;
}
