/** Changes of the similarity maps of an image's top prototypes; shared by two techniques. */

import type { HostTensor } from "../../tensor/host_tensor.ts";
import { activationChange, sortDescending } from "../changes/activation.ts";
import { maskChange } from "../changes/location.ts";
import { peakDistance, peakIndex, peakSide, peakValueChange } from "../changes/peak.ts";
import type { MetricFidelity } from "../fidelity.ts";
import { minMaxMasks } from "../masks/saliency.ts";
import { requireSameShape, sliceOf } from "../shapes.ts";
import { type ImageTable, meanOver } from "./image_table.ts";

/**
 * Changes of prototypes from before to after. PLC: location of the peak; PSC: peak value (score); PALC:
 * active region; PAC: activation; PRC: rank. VLC and VAC: location and activation of the visualisations.
 */
export const MAP_CHANGE_METRICS = ["VLC", "VAC", "PLC", "PSC", "PRC", "PALC", "PAC"] as const;

export type MapChangeMetric = typeof MAP_CHANGE_METRICS[number];

export const MAP_CHANGE_PERCENT: readonly MapChangeMetric[] = ["VLC", "VAC", "PSC", "PALC", "PAC"];

/**
 * Adds PLC, PSC, PALC and PAC of one image.
 *
 * @param before @param after the maps of the top prototypes, top × height × width
 * @param masksAfter the active regions after the change
 */
export function addSimilarityChanges<Key extends string>(
  table: ImageTable<Key | MapChangeMetric>,
  before: HostTensor<"float32">,
  after: HostTensor<"float32">,
  masksAfter: HostTensor<"uint8">,
  by: MetricFidelity["peak"],
): void {
  requireSameShape(before, after, "similarity maps before and after a change");
  const count = before.shape[0];
  const side = peakSide(before, by);
  const maps = Array.from({ length: count }, (_, i) => [sliceOf(before, i).data, sliceOf(after, i).data]);
  const peaks = maps.map((pair) => pair.map(peakIndex));
  table.add("PLC", () => meanOver(count, (i) => peakDistance(peaks[i][0], peaks[i][1], side)));
  table.add(
    "PSC",
    () => meanOver(count, (i) => peakValueChange(maps[i][0][peaks[i][0]], maps[i][1][peaks[i][1]])),
  );
  table.add("PALC", () => {
    const masksBefore = minMaxMasks(before);
    return meanOver(count, (i) => maskChange(sliceOf(masksBefore, i).data, sliceOf(masksAfter, i).data));
  });
  table.add("PAC", () => meanActivationChange(before, after));
}

/**
 * The mean activation change over the pairs of maps of two stacks; NaN if both maps of any pair are
 * zero.
 */
export function meanActivationChange(before: HostTensor<"float32">, after: HostTensor<"float32">): number {
  return meanOver(
    before.shape[0],
    (i) => activationChange(sortDescending(sliceOf(before, i).data), sortDescending(sliceOf(after, i).data)),
  );
}
