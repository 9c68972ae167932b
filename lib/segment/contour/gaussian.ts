/** Gaussian smoothing of a plane. */

/**
 * Smooths `plane` in place along rows, then columns, up to three `sigma` away; the border pixel is repeated outside the
 * plane.
 *
 * @param memory as long as the plane; overwritten
 */
export function smooth(
  plane: Float32Array,
  width: number,
  height: number,
  sigma: number,
  memory: Float32Array,
): void {
  const radius = Math.ceil(3 * sigma);
  const taps = Array.from(
    { length: 2 * radius + 1 },
    (_, i) => Math.exp(-((i - radius) ** 2) / (2 * sigma ** 2)),
  );
  const sum = taps.reduce((a, b) => a + b, 0);
  const [rows, out] = [memory.fill(0), plane];
  taps.forEach((tap, i) => {
    const weight = tap / sum;
    const offset = i - radius;
    for (let y = 0; y < height; y++) {
      const row = y * width;
      const from = Math.min(width, Math.max(0, -offset));
      const to = Math.max(from, Math.min(width, width - offset));
      for (let x = 0; x < from; x++) rows[row + x] += weight * plane[row];
      for (let x = from; x < to; x++) rows[row + x] += weight * plane[row + x + offset];
      for (let x = to; x < width; x++) rows[row + x] += weight * plane[row + width - 1];
    }
  });
  out.fill(0);
  taps.forEach((tap, i) => {
    const weight = tap / sum;
    for (let y = 0; y < height; y++) {
      const row = y * width;
      const source = Math.min(Math.max(y + i - radius, 0), height - 1) * width;
      for (let x = 0; x < width; x++) out[row + x] += weight * rows[source + x];
    }
  });
}
