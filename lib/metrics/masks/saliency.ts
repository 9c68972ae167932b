/** Converts the saliency maps of one image to the inputs of metrics: masks, clipped maps and boxes. */

import { float32, type HostTensor, hostTensor } from "../../tensor/host_tensor.ts";
import { mask as maskOf } from "../../vision/image.ts";
import { type Box, maskBox } from "../../vision/masks/boxes.ts";
import type { MetricFidelity } from "../fidelity.ts";
import { sidesOf, sliceOf } from "../shapes.ts";
import { clipMap, percentileMask, SALIENCY_PERCENTILE } from "./percentile_mask.ts";
import { binaryMask, minMaxMask } from "./threshold_masks.ts";

/**
 * `percentile`: the top 5 % of a map; `binary`: the map is already a mask, as with the saliency method
 * `mask`.
 */
export type SaliencyRule = "percentile" | "binary";

/** An image's saliency maps, one per top prototype. */
export interface Saliency {
  /** maps × height × width, 0 or 1. */
  readonly masks: HostTensor<"uint8">;
  /** The maps multiplied by their masks. */
  readonly clipped: HostTensor<"float32">;
}

/** Applies `rule` to every map of `maps` (maps × height × width). */
export function clipSaliency(
  maps: HostTensor<"float32">,
  rule: SaliencyRule,
  sparse: MetricFidelity["sparse"],
): Saliency {
  const [count, height, width] = sidesOf(maps, "saliency maps", "maps", "height", "width");
  const masks = new Uint8Array(maps.data.length);
  const clipped = new Float32Array(maps.data.length);
  for (let i = 0; i < count; i++) {
    const map = sliceOf(maps, i).data;
    const mask = rule === "binary" ? binaryMask(map) : percentileMask(map, SALIENCY_PERCENTILE, sparse).mask;
    masks.set(mask, i * height * width);
    clipped.set(rule === "binary" ? mask : clipMap(map, mask), i * height * width);
  }
  return { masks: hostTensor("uint8", maps.shape, masks), clipped: float32(maps.shape, clipped) };
}

/**
 * For each map of a stack, the box (inclusive corners) of its percentile mask; [0, 0, 0, 0] for an empty
 * mask.
 */
export function percentileBoxes(maps: HostTensor<"float32">, sparse: MetricFidelity["sparse"]): Box[] {
  const [count, height, width] = sidesOf(maps, "saliency maps", "maps", "height", "width");
  return Array.from({ length: count }, (_, i) => {
    const { mask } = percentileMask(sliceOf(maps, i).data, SALIENCY_PERCENTILE, sparse);
    return maskBox(maskOf(width, height, mask));
  });
}

/** The min-max mask of every map of a stack. */
export function minMaxMasks(maps: HostTensor<"float32">, threshold = 0.5): HostTensor<"uint8"> {
  const [count, height, width] = sidesOf(maps, "maps", "maps", "height", "width");
  const masks = new Uint8Array(maps.data.length);
  for (let i = 0; i < count; i++) masks.set(minMaxMask(sliceOf(maps, i).data, threshold), i * height * width);
  return hostTensor("uint8", maps.shape, masks);
}
