/**
 * Explains one image by ProtoMask: selects prototypes and views, and maps their relevance to the image's
 * frame.
 */

import type { Fidelity } from "../fidelity.ts";
import type { ViewedSample } from "../data/views/views_file.ts";
import { maximum, topIndices } from "../metrics/selection.ts";
import { float32, type HostTensor } from "../tensor/host_tensor.ts";
import type { Size } from "../vision/rectangle.ts";
import { bestView } from "./best_views.ts";
import { pasteMap, type Place, placeInFrame } from "./paste_map.ts";
import type { ChosenView, ImageSimilarity, ProtoMaskExplainer } from "./protomask_explainer.ts";
import type { ImageSaliency } from "./saliency_files.ts";
import { essentialMap } from "./sparse_maps.ts";

/**
 * The distinct rows of an image's views, in the order in which the views refer to them. The functions below
 * expect similarities and pixels of views in this order.
 */
export function rowsInOrder({ views }: Pick<ViewedSample, "views">): number[] {
  return [...new Set(views)];
}

/**
 * The `count` prototypes that are most similar to an image, each with its most similar view (the first of
 * several equal).
 */
export function topPrototypes(
  { similarities }: ImageSimilarity,
  { views }: Pick<ViewedSample, "views">,
  count: number,
): ChosenView[] {
  const [prototypes, rows] = similarities.shape;
  const scores = Float32Array.from(
    { length: prototypes },
    (_, i) => maximum(similarities.data.subarray(i * rows, (i + 1) * rows)),
  );
  const order = rowsInOrder({ views });
  return topIndices(scores, count).map((prototype) => ({
    prototype,
    view: views.indexOf(order[bestView(similarities, prototype).view]),
  }));
}

export interface RelevanceSettings {
  readonly frame: Size;
  /** The percentile that decides which values of a map are stored. */
  readonly percentile: number;
  readonly fidelity: Fidelity;
}

/** The result shared by all methods: logits, and the similarity of each explained view. */
export function explanationHead(
  { logits, similarities }: ImageSimilarity,
  { views }: Pick<ViewedSample, "views">,
  chosen: readonly ChosenView[],
): Omit<ImageSaliency, "maps" | "viewMaps"> {
  const order = rowsInOrder({ views });
  const [, rows] = similarities.shape;
  return {
    logits,
    prototypes: chosen.map(({ prototype }) => prototype),
    similarities: chosen.map(({ prototype, view }) =>
      similarities.data[prototype * rows + order.indexOf(views[view])]
    ),
    views: chosen.map(({ view }) => view),
  };
}

/** Maps of prototype relevance propagation: in each view, and pasted into the frame of the image. */
export async function relevanceOfImage(
  explainer: ProtoMaskExplainer,
  sample: ViewedSample,
  pixels: HostTensor<"float32">,
  chosen: readonly ChosenView[],
  { frame, percentile, fidelity }: RelevanceSettings,
): Promise<Required<Pick<ImageSaliency, "maps" | "viewMaps">>> {
  const order = rowsInOrder(sample);
  const explanations = chosen.map(({ prototype, view }) => ({
    prototype,
    view: order.indexOf(sample.views[view]),
  }));
  const found = await explainer.relevance(pixels, explanations, fidelity);
  const [count, height, width] = found.shape;
  const maps = new Float32Array(count * frame.height * frame.width);
  const viewMaps = new Float32Array(found.data.length);
  chosen.forEach(({ view }, i) => {
    const map = found.data.subarray(i * height * width, (i + 1) * height * width);
    viewMaps.set(essentialMap(map, percentile), i * height * width);
    const pasted = pasteMap(float32([height, width], map), placeOfView(sample, view, frame), frame);
    maps.set(essentialMap(pasted.data, percentile), i * frame.height * frame.width);
  });
  return {
    maps: float32([count, frame.height, frame.width], maps),
    viewMaps: float32(found.shape, viewMaps),
  };
}

/** The place of a view in the frame of its image; a view of the whole image fills the frame. */
function placeOfView({ rows, views, width, height }: ViewedSample, view: number, frame: Size): Place {
  const { box, rectangle } = rows[views[view]];
  const isWhole = rectangle.width === width && rectangle.height === height;
  if (isWhole || !box) return { left: 0, top: 0, ...frame };
  return placeInFrame(box, { width, height }, frame);
}
