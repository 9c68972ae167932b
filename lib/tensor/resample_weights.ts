/** Interpolation weights for resizing an axis. */

/** Row i holds the weights of the source elements for element i of the result. */
export interface Weights {
  readonly from: number;
  readonly to: number;
  /** [to, from], row-major. */
  readonly matrix: Float64Array;
}

export interface ResampleRule {
  alignCorners: boolean;
  antialias: boolean;
}

type Kernel = (distance: number) => number;

const triangle: Kernel = (distance) => Math.max(0, 1 - Math.abs(distance));

/** Keys' cubic convolution kernel (1981). */
function cubic(a: number): Kernel {
  return (distance) => {
    const d = Math.abs(distance);
    if (d < 1) return ((a + 2) * d - (a + 3)) * d * d + 1;
    if (d < 2) return (((d - 5) * d + 8) * d - 4) * a;
    return 0;
  };
}

/**
 * ⌊i·from/to⌋ as PyTorch computes it, in float32. If i·from/to is an integer, rounding may give the previous
 * element (2 → 82 reads element 0 at 41).
 */
export function nearestPositions(from: number, to: number): number[] {
  const scale = Math.fround(from / to);
  return Array.from({ length: to }, (_, i) => Math.min(Math.floor(Math.fround(i * scale)), from - 1));
}

/** Linear interpolation; without aligned corners the source position is (i + ½)·from/to − ½, but not below 0. */
export function bilinearWeights(from: number, to: number, rule: ResampleRule): Weights {
  if (rule.antialias) return antialiased(from, to, rule, triangle, 1);
  return sampled(from, to, (i) => Math.max(0, position(i, from, to, rule)), triangle, 1);
}

/** Cubic convolution with a = −0.75, or −0.5 if antialiased; taps beyond the edge read the edge. */
export function bicubicWeights(from: number, to: number, rule: ResampleRule): Weights {
  if (rule.antialias) return antialiased(from, to, rule, cubic(-0.5), 2);
  return sampled(from, to, (i) => position(i, from, to, rule), cubic(-0.75), 2);
}

/** The position of element i of the result in the source. */
function position(i: number, from: number, to: number, { alignCorners }: ResampleRule): number {
  if (alignCorners) return to === 1 ? 0 : i * (from - 1) / (to - 1);
  return (i + 0.5) * from / to - 0.5;
}

function sampled(
  from: number,
  to: number,
  at: (i: number) => number,
  kernel: Kernel,
  support: number,
): Weights {
  const matrix = new Float64Array(to * from);
  for (let i = 0; i < to; i++) {
    const source = at(i);
    const first = Math.floor(source) - support + 1;
    for (let tap = first; tap < first + 2 * support; tap++) {
      matrix[i * from + Math.min(Math.max(tap, 0), from - 1)] += kernel(source - tap);
    }
  }
  return { from, to, matrix };
}

/**
 * The kernel, widened by the scale when shrinking. Taps outside the source are dropped and the others
 * normalised.
 */
function antialiased(from: number, to: number, rule: ResampleRule, kernel: Kernel, support: number): Weights {
  const matrix = new Float64Array(to * from);
  const scale = rule.alignCorners ? (to > 1 ? (from - 1) / (to - 1) : 0) : from / to;
  const widening = Math.max(scale, 1);
  for (let i = 0; i < to; i++) {
    const centre = scale * (i + 0.5);
    const start = Math.max(0, Math.floor(centre - support * widening + 0.5));
    const end = Math.min(from, Math.floor(centre + support * widening + 0.5));
    let total = 0;
    for (let tap = start; tap < end; tap++) {
      total += matrix[i * from + tap] = kernel((tap - centre + 0.5) / widening);
    }
    for (let tap = start; tap < end; tap++) matrix[i * from + tap] /= total;
  }
  return { from, to, matrix };
}
