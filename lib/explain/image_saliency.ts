/** Explains one image: selects prototypes and views, and maps their saliency to the frame of its explanations. */

import type { Fidelity } from "../fidelity.ts";
import type { ViewedSample } from "../data/views/views_file.ts";
import { maximum, topIndices } from "../metrics/selection.ts";
import { float32, type HostTensor } from "../tensor/host_tensor.ts";
import { takeRows } from "../tensor/take_rows.ts";
import type { Size } from "../vision/rectangle.ts";
import { bestView } from "./best_views.ts";
import { frameOf } from "./explained_model.ts";
import type { ChosenView, Explainer, ImageSimilarity } from "./explainer.ts";
import { pasteMap, type Place, placeInFrame } from "./paste_map.ts";
import type { ImageSaliency } from "./saliency_files.ts";
import { essentialMap } from "./sparse_maps.ts";
import { upscaleMaps } from "./upscale.ts";

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
  return inBestViews(similarities, { views }, topIndices(scores, count));
}

/**
 * Prototypes of an image, each with its most similar view (the first of several equal).
 *
 * @param similarities [P, distinct rows]
 */
export function inBestViews(
  similarities: HostTensor<"float32">,
  { views }: Pick<ViewedSample, "views">,
  prototypes: readonly number[],
): ChosenView[] {
  const order = rowsInOrder({ views });
  return prototypes.map((prototype) => ({
    prototype,
    view: views.indexOf(order[bestView(similarities, prototype).view]),
  }));
}

export interface MapSettings {
  readonly frame: Size;
  /** The percentile that decides which values of a map are stored. */
  readonly percentile: number;
}

export interface RelevanceSettings extends MapSettings {
  readonly fidelity: Fidelity;
}

/** The result shared by all methods: logits, the scores behind them, and the similarity of each explained view. */
export function explanationHead(
  { logits, scores, maps, similarities }: ImageSimilarity,
  { views }: Pick<ViewedSample, "views">,
  chosen: readonly ChosenView[],
): Omit<ImageSaliency, "maps" | "viewMaps"> {
  const order = rowsInOrder({ views });
  const [, rows] = similarities.shape;
  return {
    logits,
    scores,
    ...bestPlaces(maps),
    prototypes: chosen.map(({ prototype }) => prototype),
    similarities: chosen.map(({ prototype, view }) =>
      similarities.data[prototype * rows + order.indexOf(views[view])]
    ),
    views: chosen.map(({ view }) => view),
  };
}

/** Where the image resembles each prototype most (the first of several equal places). */
export function bestPlaces({ shape: [prototypes, height, width], data }: HostTensor<"float32">) {
  const size = height * width;
  const places = Array.from({ length: prototypes }, (_, prototype) => {
    let best = 0;
    for (let at = 1; at < size; at++) {
      if (data[prototype * size + at] > data[prototype * size + best]) best = at;
    }
    return best;
  });
  return { places, grid: [height, width] as const };
}

type Maps = Pick<ImageSaliency, "maps" | "viewMaps">;

/**
 * Maps of prototype relevance propagation. Those of a model that sees several views of an image are maps of these views
 * and are pasted into the frame of the image; the frame of other models is the view.
 */
export async function relevanceOfImage(
  explainer: Explainer,
  sample: ViewedSample,
  pixels: HostTensor<"float32">,
  chosen: readonly ChosenView[],
  { frame, percentile, fidelity }: RelevanceSettings,
): Promise<Maps> {
  const order = rowsInOrder(sample);
  const explanations = chosen.map(({ prototype, view }) => ({
    prototype,
    view: order.indexOf(sample.views[view]),
  }));
  const found = await explainer.relevance(pixels, explanations, fidelity);
  const viewMaps = essentialMaps(found, percentile);
  if (frameOf(explainer.explained.definition) === "view") return { maps: viewMaps };
  const { height, width } = frame;
  const pasted = new Float32Array(chosen.length * height * width);
  chosen.forEach(({ view }, i) => {
    const map = takeRows(found, [i]).data as Float32Array;
    const inFrame = pasteMap(float32(found.shape.slice(1), map), placeOfView(sample, view, frame), frame);
    pasted.set(inFrame.data, i * height * width);
  });
  return { maps: essentialMaps(float32([chosen.length, height, width], pasted), percentile), viewMaps };
}

/** The maps of similarity of prototypes, resized to the frame, which is the view. */
export function upscaledOfImage(
  { maps }: ImageSimilarity,
  chosen: readonly ChosenView[],
  { frame, percentile }: MapSettings,
): Maps {
  const ofChosen = takeRows(maps, chosen.map(({ prototype }) => prototype));
  return { maps: essentialMaps(upscaleMaps(ofChosen, frame.width, frame.height), percentile) };
}

function essentialMaps(maps: HostTensor<"float32">, percentile: number): HostTensor<"float32"> {
  const [count, height, width] = maps.shape;
  const size = height * width;
  const kept = new Float32Array(count * size);
  for (let i = 0; i < count; i++) {
    kept.set(essentialMap(maps.data.subarray(i * size, (i + 1) * size), percentile), i * size);
  }
  return float32(maps.shape, kept);
}

/** The place of a view in the frame of its image; a view of the whole image fills the frame. */
function placeOfView({ rows, views, width, height }: ViewedSample, view: number, frame: Size): Place {
  const { box, rectangle } = rows[views[view]];
  const isWhole = rectangle.width === width && rectangle.height === height;
  if (isWhole || !box) return { left: 0, top: 0, ...frame };
  return placeInFrame(box, { width, height }, frame);
}
