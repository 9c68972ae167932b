/** Part removal where it is possible, else the reason why it is not. */

import { join } from "node:path";
import { SPECS_FILE } from "../data/birds/write_birds.ts";
import type { ViewedSample } from "../data/views/views_file.ts";
import type { PartRemoval } from "./evaluation_file.ts";
import type { ImageAnswer } from "./image_answers.ts";
import { PartRemovalError, type PartRemovalOptions, PartRemovals } from "./part_removals.ts";
import { isThere } from "../system/is_there.ts";

/** Its name in the omitted figures of an evaluation. */
const NAME = "part removal";

export class PossibleRemovals {
  readonly omitted: Record<string, string> = {};
  readonly #removals?: PartRemovals;
  #count = 0;

  constructor(options: PartRemovalOptions) {
    if (isThere(join(options.data, SPECS_FILE))) this.#removals = new PartRemovals(options);
    else this.omitted[NAME] = "parts can only be removed from drawn birds (the data set birds)";
  }

  async add(sample: ViewedSample, answer: Required<ImageAnswer>): Promise<void> {
    if (this.omitted[NAME] !== undefined) return;
    try {
      await this.#removals!.add(sample, answer);
      this.#count++;
    } catch (error) {
      if (!(error instanceof PartRemovalError)) throw error;
      this.omitted[NAME] = error.message;
    }
  }

  result(): PartRemoval | undefined {
    if (this.#count === 0) this.omitted[NAME] ??= "no image was explained";
    if (this.omitted[NAME] !== undefined) return undefined;
    const result = this.#removals!.result();
    if (result.comparisons.length === 0) {
      this.omitted[NAME] = "no prototype points at a part of an image with another part to compare it with";
    }
    return result;
  }
}
