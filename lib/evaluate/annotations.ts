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
import { fillBox } from "../metrics/masks/filled_box.ts";
import { float32, hostTensor } from "../tensor/host_tensor.ts";
import { type Mask, mask } from "../vision/image.ts";
import { readObjectLevels } from "../vision/masks/mask_file.ts";
import type { Rectangle } from "../vision/rectangle.ts";
import { resizeLinear } from "../vision/resize/opencv.ts";

export interface AnnotationOptions {
  readonly frame: MapFrame;
  /** What stands for the object of an image; default: `masks` */
  readonly objects?: "masks" | "boxes";
  readonly fidelity: Pick<MetricFidelity, "partIds" | "filledBox">;
}

/** The annotations of the images of a split. */
export class Annotations {
  /** Why the objects, or the parts, of the split are not known; undefined if they are. */
  readonly missingObjects?: string;
  readonly missingParts?: string;
  readonly #folder: string;
  readonly #size: Pick<ViewsIndex, "width" | "height">;
  readonly #frame: MapFrame;
  readonly #objects: "masks" | "boxes";
  readonly #fidelity: Pick<MetricFidelity, "partIds" | "filledBox">;
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
    { frame, objects = "masks", fidelity }: AnnotationOptions,
  ) {
    const { samples, partNames, name } = readDataSetIndex(folder);
    const ofSplit = samples.filter((sample) => sample.split === split);
    this.#folder = folder;
    this.#size = { width, height };
    this.#frame = frame;
    this.#objects = objects;
    this.#fidelity = fidelity;
    this.#samples = new Map(ofSplit.map((sample) => [sample.id, sample]));
    const foreign = viewed.find(({ id, name }) => this.#samples.get(id)?.name !== name);
    if (foreign) {
      throw new Error(
        `the views show ${foreign.name}, which is not in the split ${split} of the data set ${name}; ` +
          "give the data set that the views were cut from",
      );
    }
    const what = objects === "masks" ? "segmentation" : "box";
    const without = ofSplit.filter((sample) => sample[what] === undefined).length;
    if (without > 0) {
      const name = objects === "masks" ? "mask" : "box";
      this.missingObjects = `${without} of the ${ofSplit.length} images have no ${name} of their object`;
    }
    this.#slots = ofSplit.reduce((most, { parts }) => Math.max(most, parts.length), 0);
    if (Object.keys(partNames).length === 0) this.missingParts = "the data set has no names of parts";
    else if (this.#slots === 0) this.missingParts = "no image has a visible part";
  }

  /**
   * The mask of the object, empty if unknown: its filled box, or levels in the upper half of their range. As in the reference
   * implementation, levels of whole images are stretched linearly and those of views are cropped and resized by the
   * nearest-neighbour rule.
   */
  async object(sample: ViewedSample): Promise<Mask> {
    const { width, height } = this.#size;
    const { segmentation } = this.#samples.get(sample.id)!;
    if (this.missingObjects !== undefined) return mask(width, height);
    if (this.#objects === "boxes") return this.#filledBox(sample);
    const levels = await readObjectLevels(join(this.#folder, segmentation!), sample);
    const { channels, data } = this.#frame === "image"
      ? resizeLinear(levels, width, height)
      : objectMaskView(levels, shownBy(sample), width, height);
    return objectMask(hostTensor("uint8", [height, width, channels], data), "HWC");
  }

  /** The pixels in the box of the object, of which any part is in it. */
  #filledBox(sample: ViewedSample): Mask {
    const { width, height } = this.#size;
    const { box } = this.#samples.get(sample.id)!;
    const { left, top, ...shown } = this.#rectangle(sample);
    const [across, down] = [width / shown.width, height / shown.height];
    const inside = (place: number, length: number) => Math.min(Math.max(place, 0), length);
    // Corners of the annotation have exclusive ends; those that are filled have inclusive ones.
    const corners = [
      Math.floor(inside((box![0] - left) * across, width)),
      Math.floor(inside((box![1] - top) * down, height)),
      Math.ceil(inside((box![2] - left) * across, width)) - 1,
      Math.ceil(inside((box![3] - top) * down, height)) - 1,
    ] as const;
    return fillBox(corners, width, height, this.#fidelity.filledBox);
  }

  /** The part of the image that the frame shows. */
  #rectangle(sample: ViewedSample): Rectangle {
    return this.#frame === "image" ? { left: 0, top: 0, ...sizeOf(sample) } : shownBy(sample);
  }

  /** The visible parts, in a table with a row for each part of the image that has the most. */
  parts(sample: ViewedSample): PartSlots {
    const { parts } = this.#samples.get(sample.id)!;
    const { width, height } = this.#size;
    const rectangle = this.#rectangle(sample);
    const fidelity = this.#fidelity.partIds === "by_position" ? "reference" : "intended";
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
