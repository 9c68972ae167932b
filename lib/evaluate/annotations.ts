/** Objects and their parts, in the frame of explanations: the whole image, or the view that the model sees of it. */

import { join } from "node:path";
import { type IndexedSample, readDataSetIndex } from "../data/data_set_index.ts";
import { objectMaskView } from "../data/views/object_view.ts";
import { partsInView, partTables } from "../data/views/part_points.ts";
import type { ViewedSample, ViewsIndex } from "../data/views/views_file.ts";
import type { MapFrame } from "../explain/explained_model.ts";
import { objectMask } from "../metrics/complexity/object_mask.ts";
import type { PartSlots } from "../metrics/complexity/part_hits.ts";
import type { MetricFidelity } from "../metrics/fidelity.ts";
import { float32, hostTensor } from "../tensor/host_tensor.ts";
import { type Mask, mask } from "../vision/image.ts";
import { readObjectLevels } from "../vision/masks/mask_file.ts";
import type { Rectangle } from "../vision/rectangle.ts";
import { resizeLinear } from "../vision/resize/opencv.ts";

/** The annotations of the images of a split. */
export class Annotations {
  /** Why the objects, or the parts, of the split are not known; undefined if they are. */
  readonly missingObjects?: string;
  readonly missingParts?: string;
  readonly #folder: string;
  readonly #size: Pick<ViewsIndex, "width" | "height">;
  readonly #frame: MapFrame;
  readonly #partIds: MetricFidelity["partIds"];
  readonly #samples: ReadonlyMap<number, IndexedSample>;
  /** The largest number of visible parts of an image. */
  readonly #slots: number;

  /**
   * @param folder the folder of a data set
   * @throws {JsonFileError} if it holds no data set.
   * @throws {Error} if an image of the views is not in it.
   */
  constructor(
    folder: string,
    { split, samples: viewed, width, height }: ViewsIndex,
    frame: MapFrame,
    { partIds }: Pick<MetricFidelity, "partIds">,
  ) {
    const { samples, partNames, name } = readDataSetIndex(folder);
    const ofSplit = samples.filter((sample) => sample.split === split);
    this.#folder = folder;
    this.#size = { width, height };
    this.#frame = frame;
    this.#partIds = partIds;
    this.#samples = new Map(ofSplit.map((sample) => [sample.id, sample]));
    const foreign = viewed.find(({ id, name }) => this.#samples.get(id)?.name !== name);
    if (foreign) {
      throw new Error(
        `the views show ${foreign.name}, which is not in the split ${split} of the data set ${name}; ` +
          "give the data set that the views were cut from",
      );
    }
    const without = ofSplit.filter(({ segmentation }) => segmentation === undefined).length;
    if (without > 0) {
      this.missingObjects = `${without} of the ${ofSplit.length} images have no mask of their object`;
    }
    this.#slots = ofSplit.reduce((most, { parts }) => Math.max(most, parts.length), 0);
    if (Object.keys(partNames).length === 0) this.missingParts = "the data set has no names of parts";
    else if (this.#slots === 0) this.missingParts = "no image has a visible part";
  }

  /**
   * The mask of the object: levels in the upper half of their range, empty if unknown. As in the reference
   * implementation, levels of whole images are stretched linearly and those of views are cropped and resized by the
   * nearest-neighbour rule.
   */
  async object(sample: ViewedSample): Promise<Mask> {
    const { width, height } = this.#size;
    const { segmentation } = this.#samples.get(sample.id)!;
    if (this.missingObjects !== undefined) return mask(width, height);
    const levels = await readObjectLevels(join(this.#folder, segmentation!), sample);
    const { channels, data } = this.#frame === "image"
      ? resizeLinear(levels, width, height)
      : objectMaskView(levels, shownBy(sample), width, height);
    return objectMask(hostTensor("uint8", [height, width, channels], data), "HWC");
  }

  /** The visible parts, in a table with a row for each part of the image that has the most. */
  parts(sample: ViewedSample): PartSlots {
    const { parts } = this.#samples.get(sample.id)!;
    const { width, height } = this.#size;
    const rectangle = this.#frame === "image" ? { left: 0, top: 0, ...sizeOf(sample) } : shownBy(sample);
    const fidelity = this.#partIds === "by_position" ? "reference" : "intended";
    const placed = partsInView(parts, sizeOf(sample), rectangle, width, height, fidelity);
    const { locations, ids } = partTables(placed, this.#slots);
    return { places: float32([this.#slots, 2], locations), ids };
  }
}

function sizeOf({ width, height }: ViewedSample): Pick<ViewedSample, "width" | "height"> {
  return { width, height };
}

/** The part of its image that the only view of a sample shows. */
export function shownBy({ rows, views }: ViewedSample): Rectangle {
  return rows[views[0]].rectangle;
}
