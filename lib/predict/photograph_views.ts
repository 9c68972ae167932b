/** Makes of a photograph what a model sees, as the kinds `segment` and `crop-views` made it of the training images. */

import { writeFileSync } from "node:fs";
import type { ViewedSample } from "../data/views/views_file.ts";
import { imageHeader } from "../data/image_files.ts";
import type { SessionOptions } from "../runtime/session_options.ts";
import { balancedViews } from "../segment/balanced_views.ts";
import { methodOf } from "../segment/methods.ts";
import { type SampleView, viewOfObject, viewsThroughMasks } from "../segment/sample_views.ts";
import { type Segmenter, segmentSample } from "../segment/segmenter.ts";
import { decodeImage, decodeOverWhite } from "../vision/decode.ts";
import { encodePng } from "../vision/encode.ts";
import type { Image } from "../vision/image.ts";
import type { Box } from "../vision/masks/boxes.ts";
import { turn } from "../vision/orientation.ts";
import type { PredictingModel } from "./made_model.ts";

/** A photograph that can't be classified, and why. */
export class PhotographError extends Error {
  override readonly name = "PhotographError";
}

/** What is known of a photograph besides its file. */
export interface PhotographOptions {
  /** The object's box, in pixels; x2 and y2 are exclusive. Without it the object is the whole photograph. */
  readonly box?: Box;
  /** Rotate it by its EXIF orientation, even if training images were read as stored. */
  readonly turn?: boolean;
}

/** A photograph and its distinct views, in the order in which the views of the sample refer to them. */
export interface ViewedPhotograph {
  readonly image: Image;
  readonly sample: ViewedSample;
  readonly views: readonly Image[];
}

/** Cuts views of photographs; opened once. */
export class PhotographViews {
  readonly #recipe: PredictingModel["recipe"];
  readonly #segmenter: Segmenter | undefined;

  private constructor(recipe: PredictingModel["recipe"], segmenter: Segmenter | undefined) {
    this.#recipe = recipe;
    this.#segmenter = segmenter;
  }

  /** Loads the network of the method of segmentation, if it has one. */
  static async open(
    { recipe, maskFiles }: Pick<PredictingModel, "recipe" | "maskFiles">,
    session: SessionOptions,
    log: (message: string) => void,
  ): Promise<PhotographViews> {
    if (!recipe.masks) return new PhotographViews(recipe, undefined);
    const { method } = recipe.masks;
    const inputs = (name: string) => Object.hasOwn(maskFiles, name) ? [maskFiles[name]] : [];
    return new PhotographViews(recipe, await methodOf(method).open(method, { inputs, session, log }));
  }

  /** Whether views depend on the object's box, which training images are annotated with. */
  get needsBox(): boolean {
    const { masks, views } = this.#recipe;
    if (!masks) return views.through === "object";
    return masks.method.name === "patches" || masks.method.name === "annotated";
  }

  /**
   * @throws {ImageError} if the file can't be read.
   * @throws {PhotographError} if no mask was found, or the box does not fit.
   */
  async of(path: string, name: string, { box, turn: turned }: PhotographOptions): Promise<ViewedPhotograph> {
    const { orientation } = imageHeader(path);
    if (orientation === 1 || !(turned || this.#recipe.orientation === "turn")) {
      return await this.#viewed(path, name, box);
    }
    // As in data sets: a rotated image is stored, and read like any other.
    const file = Deno.makeTempFileSync({ suffix: ".png" });
    try {
      writeFileSync(file, await encodePng(turn(await decodeImage(path), orientation)));
      return await this.#viewed(file, name, box);
    } finally {
      Deno.removeSync(file);
    }
  }

  async #viewed(path: string, name: string, given: Box | undefined): Promise<ViewedPhotograph> {
    const image = await decodeOverWhite(path);
    const { width, height } = image;
    if (given && !(given[0] < width && given[1] < height && given[2] > given[0] && given[3] > given[1])) {
      throw new PhotographError(
        `the box [${given}] lies outside of its ${width} × ${height} pixels, or is empty`,
      );
    }
    const box: Box = given ?? [0, 0, width, height];
    const cut = this.#segmenter
      ? await this.#throughMasks(this.#segmenter, image, { id: 0, name, path, box })
      : [
        viewOfObject(
          image,
          given && this.#recipe.views.through === "object" ? given : undefined,
          this.#recipe.views,
        ),
      ];
    const count = this.#recipe.views.numMasks ?? 1;
    // An image of the training set that has enough masks sets the number of views.
    const [, views] = balancedViews([count, cut.length], count);
    const sample = {
      id: 0,
      name,
      label: 0,
      width,
      height,
      firstRow: 0,
      rows: cut.map(({ row }) => row),
      views,
    };
    return { image, sample, views: [...new Set(views)].map((row) => cut[row].view) };
  }

  async #throughMasks(
    segmenter: Segmenter,
    image: Image,
    sample: Parameters<typeof segmentSample>[0],
  ): Promise<SampleView[]> {
    const { views } = this.#recipe;
    const set = await segmentSample(sample, segmenter);
    if (set.masks.length === 0) {
      throw new PhotographError("no mask was found in it, so the model has nothing to see");
    }
    return viewsThroughMasks(image, set, views.numMasks!, views);
  }
}
