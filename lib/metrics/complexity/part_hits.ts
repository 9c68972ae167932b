/** Determines the parts at which a prototype points. */

import type { HostTensor } from "../../tensor/host_tensor.ts";
import type { Box } from "../../vision/masks/boxes.ts";
import type { MetricFidelity } from "../fidelity.ts";
import { MetricError } from "../metric_error.ts";
import { requireCount, sidesOf } from "../shapes.ts";

/** The parts of an image in a table of slots; unused slots have the position (−1, −1) and the id −1. */
export interface PartSlots {
  /** slots × 2: x and y in pixels of the map. */
  readonly places: HostTensor<"float32">;
  readonly ids: Int32Array;
}

/** For each slot, the id of its part if the part lies in the box (inclusive corners), else 0. */
export function partsInBox([x1, y1, x2, y2]: Box, { places, ids }: PartSlots): Int32Array {
  requirePlaces({ places, ids });
  return ids.map((id, slot) => {
    const [x, y] = places.data.subarray(slot * 2, slot * 2 + 2);
    return x1 <= x && x <= x2 && y1 <= y && y <= y2 ? id : 0;
  });
}

/**
 * For each slot, the id of its part if the map covers the part, else 0. `mask`: a map covers the pixels where
 * it is above 0. `truncate`: the result is the id times the map's value truncated to an integer, and an
 * unused slot reads the last row and column.
 *
 * @param map height × width
 */
export function partsOnMap(
  map: HostTensor<"float32" | "uint8">,
  { places, ids }: PartSlots,
  rule: MetricFidelity["consistencyMap"],
): Int32Array {
  requirePlaces({ places, ids });
  return ids.map((id, slot) => {
    if (rule === "mask" && id < 0) return 0;
    const value = map.data[pixelOf(places, slot, map)];
    if (rule === "mask") return value > 0 ? id : 0;
    return id * Math.trunc(value);
  });
}

/**
 * The row-major index of the map's pixel (height × width) at a slot's position, truncated towards 0; −1
 * counts from the end, as in Python.
 *
 * @throws {MetricError} if the position is outside the map.
 */
export function pixelOf(places: HostTensor<"float32">, slot: number, map: HostTensor): number {
  const [height, width] = sidesOf(map, "a map with parts", "height", "width");
  const x = Math.trunc(places.data[slot * 2]);
  const y = Math.trunc(places.data[slot * 2 + 1]);
  if (!(x >= -width && x < width && y >= -height && y < height)) {
    throw new MetricError(
      `the part in slot ${slot} lies at (${places.data[slot * 2]}, ${places.data[slot * 2 + 1]}), ` +
        `outside its map of ${width} × ${height}`,
    );
  }
  return (y < 0 ? y + height : y) * width + (x < 0 ? x + width : x);
}

function requirePlaces({ places, ids }: PartSlots): void {
  const [slots, coordinates] = sidesOf(places, "part places", "slots", "2");
  requireCount("the number of coordinates of a part", coordinates, 2);
  requireCount("the number of part ids", ids.length, slots);
}
