/** Differences between the visualisations of the top prototypes of one image. */

import type { HostTensor } from "../../tensor/host_tensor.ts";
import type { Box } from "../../vision/masks/boxes.ts";
import { activationChange, sortDescending } from "../changes/activation.ts";
import { boxChange, maskChange } from "../changes/location.ts";
import { peakDistance, peakIndex, peakSide } from "../changes/peak.ts";
import type { MetricFidelity } from "../fidelity.ts";
import { MetricError } from "../metric_error.ts";
import { sidesOf, sliceOf } from "../shapes.ts";
import { meanPairDifference } from "./pairs.ts";

/** Visual location change: 1 − intersection / union of the masks (maps × height × width); NaN for two empty masks. */
export function intraMaskChange(masks: HostTensor<"uint8" | "float32">): number {
  const [count] = sidesOf(masks, "masks", "maps", "height", "width");
  const pixels = Array.from({ length: count }, (_, i) => sliceOf(masks, i).data);
  return meanPairDifference(count, (a, b) => maskChange(pixels[a], pixels[b]));
}

/** Visual location change of boxes, with areas (x2 − x1)(y2 − y1): NaN if a box has no area. */
export function intraBoxChange(boxes: readonly Box[]): number {
  return meanPairDifference(boxes.length, (a, b) => boxChange(boxes[a], boxes[b], "clamped"));
}

/**
 * Visual activation change: 1 − Σ min / Σ max of the values in descending order.
 *
 * @throws {MetricError} if a map is zero everywhere, because its change is 0/0.
 */
export function intraActivationChange(maps: HostTensor<"float32">): number {
  const [count] = sidesOf(maps, "maps", "maps", "height", "width");
  const sorted = Array.from({ length: count }, (_, i) => sortDescending(sliceOf(maps, i).data));
  return meanPairDifference(count, (a, b) => {
    const change = activationChange(sorted[a], sorted[b]);
    if (Number.isNaN(change)) {
      throw new MetricError(
        `the activation change of maps ${a} and ${b} of an image is 0/0; expected maps that are not zero everywhere`,
      );
    }
    return change;
  });
}

/** Prototype location change: the Manhattan distance of the maps' first maxima. */
export function intraPeakDistance(maps: HostTensor<"float32">, by: MetricFidelity["peak"]): number {
  const [count] = sidesOf(maps, "maps", "maps", "height", "width");
  const side = peakSide(maps, by);
  const peaks = Array.from({ length: count }, (_, i) => peakIndex(sliceOf(maps, i).data));
  return meanPairDifference(count, (a, b) => peakDistance(peaks[a], peaks[b], side));
}
