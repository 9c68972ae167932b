/** The prototypes of a model with the views that they came from, and their saliency there. */

import {
  type ImageSaliency,
  readSaliency,
  readSaliencyIndex,
  type SaliencyIndex,
} from "../../explain/saliency_files.ts";
import type { ProjectedPrototype } from "../../models/projection/prototype_list.ts";

/** The maps of prototypes in the views that they came from, each read on demand: a study has thousands. */
export class PrototypeMaps {
  readonly #index: SaliencyIndex | undefined;

  /** @param folder the saliency of the prototypes' own views; without it there are no maps */
  constructor(readonly folder: string | undefined) {
    this.#index = folder === undefined ? undefined : readSaliencyIndex(folder);
  }

  of({ prototype, sample }: ProjectedPrototype): Float32Array | undefined {
    const file = this.#index?.samples.find(({ id }) => id === sample)?.file;
    return file === undefined
      ? undefined
      : viewMapOf(readSaliency(this.folder!, file, this.#index!), prototype);
  }
}

/** The map of a prototype in the view that explains it; undefined where the image was not explained by it. */
export function viewMapOf(
  { prototypes, viewMaps }: Pick<ImageSaliency, "prototypes" | "viewMaps">,
  prototype: number,
): Float32Array | undefined {
  const place = prototypes.indexOf(prototype);
  if (!viewMaps || place < 0) return undefined;
  const [, height, width] = viewMaps.shape;
  return viewMaps.data.slice(place * height * width, (place + 1) * height * width);
}
