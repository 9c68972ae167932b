/** Non-maximum suppression: reduces wide slopes to contours of one pixel. */

import type { ColorGradient } from "./color_gradient.ts";

/**
 * The magnitude of a gradient where it is no lower than at the two neighbours before and behind, in the one of four
 * directions that is nearest to the gradient's; 0 elsewhere (Canny 1986). Pixels outside the image are ignored.
 */
export function ridges({ width, height, magnitude, direction }: ColorGradient): Float32Array {
  const thin = new Float32Array(magnitude.length);
  const at = (x: number, y: number) =>
    x < 0 || x >= width || y < 0 || y >= height ? 0 : magnitude[y * width + x];
  for (let y = 0, i = 0; y < height; y++) {
    for (let x = 0; x < width; x++, i++) {
      const [dx, dy] = STEPS[Math.round(direction[i] / (Math.PI / 4)) + 2];
      if (magnitude[i] >= at(x + dx, y + dy) && magnitude[i] >= at(x - dx, y - dy)) thin[i] = magnitude[i];
    }
  }
  return thin;
}

/** From −90° to 90°, every 45°. */
const STEPS = [[0, -1], [1, -1], [1, 0], [1, 1], [0, 1]] as const;
