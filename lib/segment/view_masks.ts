/** The images of a data set with the masks that their views were cut by. */

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type IndexedSample, readDataSetIndex } from "../data/data_set_index.ts";
import type { ViewedSample } from "../data/views/views_file.ts";
import { decodeOverWhite } from "../vision/decode.ts";
import type { Image } from "../vision/image.ts";
import type { RunLengths } from "../vision/masks/rle.ts";
import { maskSetFile, parseMaskSet } from "./mask_set.ts";

/** Reads images and mask sets by the samples of views. */
export class ViewMasks {
  readonly #samples: ReadonlyMap<number, IndexedSample>;

  /**
   * @param data the folder of the data set
   * @param masks the folder with a mask set for each image
   * @throws {JsonFileError} if the data set has no index of its form.
   */
  constructor(readonly data: string, readonly masks: string) {
    this.#samples = new Map(readDataSetIndex(data).samples.map((sample) => [sample.id, sample]));
  }

  /** The files of one image, relative to the two folders. */
  files({ id }: ViewedSample): { data: string; masks: string } {
    const sample = this.#samples.get(id);
    if (!sample) {
      throw new Error(`sample ${id} is not in ${this.data}; give the data set that the views were cut from`);
    }
    return { data: sample.image, masks: maskSetFile(sample) };
  }

  /** The image, over white where it is transparent. */
  async image(sample: ViewedSample): Promise<Image> {
    return await decodeOverWhite(join(this.data, this.files(sample).data));
  }

  /** The mask by which a view was cut. */
  runs(sample: ViewedSample, view: number): RunLengths {
    const file = this.files(sample).masks;
    const { masks } = parseMaskSet(readFileSync(join(this.masks, file), "utf8"), file);
    return masks[sample.rows[sample.views[view]].mask].runs;
  }
}
