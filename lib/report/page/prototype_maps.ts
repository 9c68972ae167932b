/** The prototypes of a model with the views that they came from, and their saliency there. */

import { z } from "zod";
import {
  type ImageSaliency,
  readSaliency,
  readSaliencyIndex,
  type SaliencyIndex,
} from "../../explain/saliency_files.ts";
import { readJson } from "../../json/read_json.ts";

const sourcesSchema = z.array(z.object({
  prototype: z.int().nonnegative(),
  /** The id of the image that it came from, and the view there. */
  sample: z.int().nonnegative(),
  view: z.int().nonnegative(),
  /** The squared distance from its vector before projection. */
  distance: z.number(),
}));

/** The source of one prototype. */
export type PrototypeSource = z.output<typeof sourcesSchema>[number];

/**
 * The list of prototypes that a projection wrote.
 *
 * @throws {JsonFileError} when it is of another form.
 */
export function readPrototypes(path: string): PrototypeSource[] {
  return readJson(path, sourcesSchema, "a list of prototypes");
}

/** The maps of prototypes in the views that they came from, each read on demand: a study has thousands. */
export class PrototypeMaps {
  readonly #index: SaliencyIndex | undefined;

  /** @param folder the saliency of the prototypes' own views; without it there are no maps */
  constructor(readonly folder: string | undefined) {
    this.#index = folder === undefined ? undefined : readSaliencyIndex(folder);
  }

  of({ prototype, sample }: PrototypeSource): Float32Array | undefined {
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
