/** Contour energy: how strongly an edge or a thin line runs through each pixel of an image. */

import { labOfRgb } from "../../vision/color/lab.ts";
import type { Image } from "../../vision/image.ts";

/** What the contour detector measures at every pixel; planes are row-major. */
export interface ContourMap {
  readonly width: number;
  readonly height: number;
  /** 0 where the colour is even; in units of L*, a*, b* a pixel. */
  readonly energy: Float32Array;
  /** L* (0 … 100), a* and b*, not smoothed. */
  readonly lab: readonly [Float32Array, Float32Array, Float32Array];
}

/**
 * √Σ(|∇c|² + σ²·‖∇∇c‖²) over the planes c of L*a*b*, smoothed by a Gaussian of `sigma` pixels. The gradient answers to
 * edges, the second derivatives (Frobenius norm of the Hessian) to lines, so that a thin line makes one ridge and not
 * two: the energy of an even and an odd filter (Morrone and Owens 1987), in a form that no direction is preferred in.
 *
 * @throws {RangeError} when the image is not RGB.
 */
export function contourMap(source: Image, sigma: number): ContourMap {
  const { width, height, data } = labOfRgb(source);
  const energy = new Float32Array(width * height);
  const plane = (channel: number, scale: number) => {
    const values = new Float32Array(width * height);
    for (let i = 0; i < values.length; i++) values[i] = data[3 * i + channel] * scale;
    addEnergy(gaussian(values, width, height, sigma), width, height, sigma, energy);
    return values;
  };
  const lab = [plane(0, 100 / 255), plane(1, 1), plane(2, 1)] as const;
  for (let i = 0; i < energy.length; i++) energy[i] = Math.sqrt(energy[i]);
  return { width, height, energy, lab };
}

function addEnergy(
  plane: Float32Array,
  width: number,
  height: number,
  sigma: number,
  energy: Float32Array,
): void {
  const lineWeight = sigma * sigma;
  for (let y = 0; y < height; y++) {
    const row = y * width;
    const above = y > 0 ? row - width : row;
    const below = y < height - 1 ? row + width : row;
    for (let x = 0; x < width; x++) {
      const left = x > 0 ? x - 1 : 0;
      const right = x < width - 1 ? x + 1 : x;
      const twice = 2 * plane[row + x];
      const dx = (plane[row + right] - plane[row + left]) / 2;
      const dy = (plane[below + x] - plane[above + x]) / 2;
      const dxx = plane[row + right] + plane[row + left] - twice;
      const dyy = plane[below + x] + plane[above + x] - twice;
      const dxy = (plane[below + right] - plane[below + left] - plane[above + right] + plane[above + left]) /
        4;
      energy[row + x] += dx * dx + dy * dy + lineWeight * (dxx * dxx + 2 * dxy * dxy + dyy * dyy);
    }
  }
}

/** Smoothed along rows, then columns; beyond the border the last pixel counts on. */
function gaussian(plane: Float32Array, width: number, height: number, sigma: number): Float32Array {
  const radius = Math.ceil(3 * sigma);
  const taps = Array.from(
    { length: 2 * radius + 1 },
    (_, i) => Math.exp(-((i - radius) ** 2) / (2 * sigma ** 2)),
  );
  const sum = taps.reduce((a, b) => a + b, 0);
  const rows = new Float32Array(plane.length);
  const out = new Float32Array(plane.length);
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
  taps.forEach((tap, i) => {
    const weight = tap / sum;
    for (let y = 0; y < height; y++) {
      const row = y * width;
      const source = Math.min(Math.max(y + i - radius, 0), height - 1) * width;
      for (let x = 0; x < width; x++) out[row + x] += weight * rows[source + x];
    }
  });
  return out;
}
