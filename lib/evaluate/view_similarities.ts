/** Similarities of all views of an image, of which each is computed once. */

import type { ViewedSample } from "../data/views/views_file.ts";
import { rowsInOrder } from "../explain/image_saliency.ts";
import { float32, type HostTensor } from "../tensor/host_tensor.ts";
import { takeRows } from "../tensor/take_rows.ts";

/** The similarities [P, V, 1] of all views of a sample, from those of its distinct rows. */
export function ofAllViews(maps: HostTensor<"float32">, sample: ViewedSample): HostTensor<"float32"> {
  const [prototypes, rows] = maps.shape;
  const order = rowsInOrder(sample);
  const places = sample.views.map((row) => order.indexOf(row));
  const all = Array.from({ length: prototypes }, (_, p) => places.map((place) => p * rows + place)).flat();
  const { data } = takeRows(float32([prototypes * rows, 1], maps.data), all);
  return float32([prototypes, places.length, 1], data as Float32Array);
}
