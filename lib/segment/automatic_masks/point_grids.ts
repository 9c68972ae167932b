/** The prompt points of the generator, as fractions of a crop's sides. */

/** n × n points (x, y) in 0 … 1, row by row, at the centres of n × n equal cells. */
export function pointGrid(n: number): Float64Array {
  if (!Number.isInteger(n) || n < 1) {
    throw new RangeError(`the number of points per side must be a positive integer, but is ${n}`);
  }
  const first = 1 / (2 * n);
  const step = n > 1 ? (1 - 2 * first) / (n - 1) : 0;
  // As numpy's linspace, the last point is assigned, not computed by adding steps.
  const at = (i: number) => i === n - 1 && n > 1 ? 1 - first : first + i * step;
  const points = new Float64Array(2 * n * n);
  for (let i = 0; i < n * n; i++) {
    points[2 * i] = at(i % n);
    points[2 * i + 1] = at(Math.floor(i / n));
  }
  return points;
}

/**
 * The grid of every crop layer, the whole image's first: ⌊n/factorˡ⌋ points a side in layer l.
 *
 * @throws {RangeError} when a layer is left without points.
 */
export function pointGrids(pointsPerSide: number, layers: number, factor: number): Float64Array[] {
  return Array.from({ length: layers + 1 }, (_, layer) => {
    const n = Math.trunc(pointsPerSide / factor ** layer);
    if (n < 1) {
      throw new RangeError(
        `${pointsPerSide} points per side, divided by ${factor} for each layer, leave none in crop layer ${layer}: ` +
          "use more points, fewer layers or a smaller factor",
      );
    }
    return pointGrid(n);
  });
}
