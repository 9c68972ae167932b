/** The gradient of an image's colour: how fast it changes at each pixel, and in which direction. */

import { labOfRgb } from "../../vision/color/lab.ts";
import type { Image } from "../../vision/image.ts";
import { smooth } from "./gaussian.ts";

/** Planes are row-major. */
export interface ColorGradient {
  readonly width: number;
  readonly height: number;
  /** In units of L*a*b* a pixel: about 2 is a difference that the eye just sees. */
  readonly magnitude: Float32Array;
  /** The direction of the fastest change, in radians from the x axis towards y, −π/2 … π/2. A line's direction has no sign. */
  readonly direction: Float32Array;
}

/**
 * The gradient of L*a*b* smoothed by a Gaussian of `sigma` pixels, of the three planes as one: with J = Σ ∇c·∇cᵀ over
 * the planes c, the root of the trace of J, and the direction of its larger eigenvector (Di Zenzo 1986).
 *
 * @throws {RangeError} when the image is not RGB.
 */
export function colorGradient(source: Image, sigma: number): ColorGradient {
  const { width, height, data } = labOfRgb(source);
  const area = width * height;
  const [xx, xy, yy] = [new Float32Array(area), new Float32Array(area), new Float32Array(area)];
  const [plane, memory] = [new Float32Array(area), new Float32Array(area)];
  for (const [channel, scale] of [100 / 255, 1, 1].entries()) {
    for (let i = 0; i < area; i++) plane[i] = data[3 * i + channel] * scale;
    smooth(plane, width, height, sigma, memory);
    for (let y = 0; y < height; y++) {
      const row = y * width;
      const above = y > 0 ? row - width : row;
      const below = y < height - 1 ? row + width : row;
      for (let x = 0; x < width; x++) {
        const dx = (plane[row + Math.min(x + 1, width - 1)] - plane[row + Math.max(x - 1, 0)]) / 2;
        const dy = (plane[below + x] - plane[above + x]) / 2;
        xx[row + x] += dx * dx;
        xy[row + x] += dx * dy;
        yy[row + x] += dy * dy;
      }
    }
  }
  // The planes of the products become those of the result.
  for (let i = 0; i < area; i++) {
    const [a, b] = [xx[i], yy[i]];
    xx[i] = Math.sqrt(a + b);
    xy[i] = Math.atan2(2 * xy[i], a - b) / 2;
  }
  return { width, height, magnitude: xx, direction: xy };
}
