/** Stability: measures whether a prototype points at the same parts after an image is changed. */

import type { HostTensor } from "../../tensor/host_tensor.ts";
import type { Box } from "../../vision/masks/boxes.ts";
import { partsInBox, type PartSlots, pixelOf } from "../complexity/part_hits.ts";
import type { MetricFidelity } from "../fidelity.ts";
import { requireSameShape, sidesOf } from "../shapes.ts";

/**
 * The number of parts in both boxes divided by the number in either box; NaN if no part is in either box.
 *
 * @param places slots × 2: x and y
 */
export function boxStability(before: Box, after: Box, places: HostTensor<"float32">): number {
  const [slots] = sidesOf(places, "part places", "slots", "2");
  const parts: PartSlots = { places, ids: new Int32Array(slots).fill(1) };
  return shareOfBoth(partsInBox(before, parts), partsInBox(after, parts));
}

/**
 * Like {@link boxStability}, for the non-zero pixels of masks (height × width).
 *
 * @param unused `bottom_right`: an unused slot reads the last row and column; `ignored`: it is skipped
 */
export function maskStability(
  before: HostTensor<"uint8">,
  after: HostTensor<"uint8">,
  places: HostTensor<"float32">,
  unused: MetricFidelity["unusedParts"],
): number {
  requireSameShape(before, after, "masks before and after a change");
  const [slots] = sidesOf(places, "part places", "slots", "2");
  const isUsed = (slot: number) => places.data[slot * 2] >= 0 && places.data[slot * 2 + 1] >= 0;
  const counted = Array.from({ length: slots }, (_, slot) => slot)
    .filter((slot) => unused === "bottom_right" || isUsed(slot));
  const hits = (mask: HostTensor<"uint8">) => counted.map((slot) => mask.data[pixelOf(places, slot, mask)]);
  return shareOfBoth(hits(before), hits(after));
}

function shareOfBoth(before: ArrayLike<number>, after: ArrayLike<number>): number {
  let both = 0;
  let either = 0;
  for (let slot = 0; slot < before.length; slot++) {
    if (before[slot] !== 0 && after[slot] !== 0) both++;
    if (before[slot] !== 0 || after[slot] !== 0) either++;
  }
  return both / either;
}
