/**
 * Builds one batch: reads or decodes its images, augments them, and normalises them or keeps their levels. Runs in a loader's threads.
 */

import type { Fidelity } from "../../fidelity.ts";
import { augmentViews, type Recipe } from "../../vision/augment/views.ts";
import { decodeOverWhite } from "../../vision/decode.ts";
import { type Image, image as newImage } from "../../vision/image.ts";
import type { Box } from "../../vision/masks/boxes.ts";
import {
  type ColorStatistics,
  levelsInto,
  normalizeInto,
  type NormalizeTables,
  normalizeTables,
} from "../../vision/normalize.ts";
import { objectRectangle } from "../views/crop_rectangle.ts";
import { objectView } from "../views/object_view.ts";
import { readViewsIndex, type ViewPixels, viewPixelsOf, type ViewsIndex } from "../views/views_file.ts";

/** An image file. The view is its object's box, or the whole image if there is no box. */
export interface ImageSource {
  readonly id: number;
  readonly label: number;
  readonly path: string;
  readonly box?: Box;
}

/** A loader's input: a folder of views, or image files, which are decoded for every batch. */
export type LoaderSource =
  | { readonly views: string }
  | {
    readonly images: readonly ImageSource[];
    /** The size of the views, in pixels. */
    readonly width: number;
    readonly height: number;
    readonly fidelity: Fidelity;
  };

/** The settings shared by all batches of a loader. */
export interface BatchContent {
  readonly source: LoaderSource;
  readonly colors: ColorStatistics;
}

/** The pixels of a batch: normalised, or levels 0 … 255. */
export type BatchPixels = Float32Array | Uint8Array;

/** The augmentation of an epoch of training. */
export interface Augmentation {
  readonly recipe: Recipe;
  readonly seed: number;
  /** Counted over all phases of a training. */
  readonly epoch: number;
  /** Whether pixels stay levels 0 … 255, for programs that normalise them. */
  readonly levels?: boolean;
}

/** The bytes of a value of a batch. */
export function bytesPerValue(augmentation: Augmentation | undefined): number {
  return augmentation?.levels ? 1 : 4;
}

/** The first `length` values in the memory of a batch; by default all. */
export function pixelsIn(
  buffer: ArrayBuffer,
  augmentation: Augmentation | undefined,
  length?: number,
): BatchPixels {
  return augmentation?.levels ? new Uint8Array(buffer, 0, length) : new Float32Array(buffer, 0, length);
}

/** The opened images of a source. */
interface OpenSource {
  readonly samples: readonly { readonly id: number; readonly label: number }[];
  readonly viewsPerImage: number;
  readonly width: number;
  readonly height: number;
  view(sample: number, view: number): Image | Promise<Image>;
  close(): void;
}

export class BatchBuilder {
  readonly #source: OpenSource;
  readonly #tables: NormalizeTables;

  /** @throws {ViewsFileError} if the folder does not hold a complete set of views. */
  constructor(content: BatchContent) {
    this.#source = "views" in content.source
      ? new ViewsSource(content.source.views)
      : imagesSource(content.source);
    this.#tables = normalizeTables(content.colors);
  }

  /** The samples, in the order of the source. */
  get samples(): OpenSource["samples"] {
    return this.#source.samples;
  }

  /** Shape of one image in a batch: [views, 3, height, width]. */
  shape(augmentation: Augmentation | undefined): readonly [number, number, number, number] {
    const { viewsPerImage, width, height } = this.#source;
    return [viewsPerImage * (augmentation?.recipe.views ?? 1), 3, height, width];
  }

  /**
   * Writes the views of `images` (indices into the source) to `out` in the layout of `shape`: normalised, or their
   * levels where it has bytes. Random numbers depend only on the seed, the epoch, the image's id and the view.
   *
   * @param augmentation undefined for views without augmentation
   */
  async build(
    images: ArrayLike<number>,
    augmentation: Augmentation | undefined,
    out: BatchPixels,
  ): Promise<void> {
    const { samples, viewsPerImage } = this.#source;
    let at = 0;
    for (let i = 0; i < images.length; i++) {
      const { id } = samples[images[i]];
      for (let view = 0; view < viewsPerImage; view++) {
        const source = await this.#source.view(images[i], view);
        for (const shown of augmentation ? await augmented(source, augmentation, id, view) : [source]) {
          if (out instanceof Float32Array) normalizeInto(shown, this.#tables, out, at);
          else levelsInto(shown, out, at);
          at += shown.data.length;
        }
      }
    }
  }

  close(): void {
    this.#source.close();
  }
}

function augmented(
  source: Image,
  { recipe, seed, epoch }: Augmentation,
  id: number,
  view: number,
): Promise<Image[]> {
  return augmentViews(source, recipe, { seed, purpose: `augment view ${view}`, epoch, index: id });
}

class ViewsSource implements OpenSource {
  readonly #index: ViewsIndex;
  readonly #pixels: ViewPixels;
  readonly #view: Image;

  constructor(folder: string) {
    this.#index = readViewsIndex(folder);
    this.#pixels = viewPixelsOf(folder, this.#index);
    // One buffer is enough: each view is augmented or normalised into another buffer before the next one is
    // read.
    this.#view = newImage(this.#index.width, this.#index.height, "RGB");
  }

  get samples() {
    return this.#index.samples;
  }
  get viewsPerImage() {
    return this.#index.viewsPerImage;
  }
  get width() {
    return this.#index.width;
  }
  get height() {
    return this.#index.height;
  }

  view(sample: number, view: number): Image {
    const viewed = this.#index.samples[sample];
    this.#pixels.read(viewed, viewed.views[view], this.#view.data);
    return this.#view;
  }

  close(): void {
    this.#pixels.close();
  }
}

function imagesSource(
  { images, width, height, fidelity }: Exclude<LoaderSource, { readonly views: string }>,
): OpenSource {
  return {
    samples: images,
    viewsPerImage: 1,
    width,
    height,
    async view(sample) {
      const { path, box } = images[sample];
      const source = await decodeOverWhite(path);
      const rectangle = box && objectRectangle(box, source.width, source.height, fidelity);
      return objectView(source, rectangle, width, height);
    },
    close() {},
  };
}
