/** Adds noise outside the box of a prototype, to test whether its score depends on the box alone. */

import { float32, type HostTensor } from "../../tensor/host_tensor.ts";
import type { Box } from "../../vision/masks/boxes.ts";
import { requireSameShape, sidesOf } from "../shapes.ts";

/**
 * Adds `noise` to the image outside `box` (inclusive corners). The reference implementation draws it from a
 * normal distribution with the standard deviation 0.05, in the units of a normalised network input.
 *
 * @param image @param noise channels × height × width
 * @returns the noise with zeros inside the box, and the image plus this noise
 */
export function addNoiseOutside(
  image: HostTensor<"float32">,
  noise: HostTensor<"float32">,
  [x1, y1, x2, y2]: Box,
): { image: HostTensor<"float32">; noise: HostTensor<"float32"> } {
  requireSameShape(image, noise, "an image and its noise");
  const [channels, height, width] = sidesOf(image, "an image", "channels", "height", "width");
  const outside = noise.data.slice();
  for (let c = 0; c < channels; c++) {
    for (let y = Math.max(y1, 0); y <= Math.min(y2, height - 1); y++) {
      const row = (c * height + y) * width;
      outside.fill(0, row + Math.max(x1, 0), row + Math.min(x2 + 1, width));
    }
  }
  return {
    image: float32(image.shape, image.data.map((value, i) => value + outside[i])),
    noise: float32(image.shape, outside),
  };
}
