/** The object mask of an image from the grey levels of its annotation. */

import type { HostTensor } from "../../tensor/host_tensor.ts";
import { type Mask, mask } from "../../vision/image.ts";
import { minMaxMask } from "../masks/threshold_masks.ts";
import { sidesOf } from "../shapes.ts";

/** Pixels whose channel sum is in the upper half of the image's range; empty for a constant image. */
export function objectMask(levels: HostTensor<"uint8">, layout: "HWC" | "CHW"): Mask {
  const axes = layout === "HWC" ? ["height", "width", "channels"] : ["channels", "height", "width"];
  const sides = sidesOf(levels, "object levels", ...axes);
  const [height, width] = layout === "HWC" ? sides : sides.slice(1);
  const sums = new Float32Array(height * width);
  const channels = levels.data.length / sums.length;
  for (let i = 0; i < levels.data.length; i++) {
    sums[layout === "HWC" ? Math.floor(i / channels) : i % sums.length] += levels.data[i];
  }
  return mask(width, height, minMaxMask(sums));
}
