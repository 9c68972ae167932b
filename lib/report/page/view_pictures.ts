/** Pictures of views: an image with the view's frame on it, and the view with its relevant pixels. */

import { join } from "node:path";
import { readDataSetIndex } from "../../data/data_set_index.ts";
import {
  readViewsIndex,
  type ViewedSample,
  type ViewPixels,
  viewPixelsOf,
  type ViewsIndex,
} from "../../data/views/views_file.ts";
import { decodeOverWhite } from "../../vision/decode.ts";
import { type Image, image } from "../../vision/image.ts";
import type { Html } from "./html.ts";
import { atMost, type Frame, glowing, picture } from "./pictures.ts";

/** The maximum length of the longer side of pictures, in pixels. */
const IMAGE_SIDE = 224;
const VIEW_SIDE = 112;

/** A cell of a feature map, and the numbers of its rows and columns. */
type Cell = readonly [row: number, column: number, rows: number, columns: number];

/** Pictures of the views of a split, and of the images that they were cut from. */
export class ViewPictures {
  readonly index: ViewsIndex;
  readonly #pixels: ViewPixels;
  readonly #images: ReadonlyMap<number, string>;
  readonly #samples: ReadonlyMap<number, ViewedSample>;

  /** @param data the folder of the data set, `views` that of the views */
  constructor(readonly data: string, views: string) {
    this.index = readViewsIndex(views);
    this.#pixels = viewPixelsOf(views, this.index);
    this.#images = new Map(readDataSetIndex(data).samples.map(({ id, image }) => [id, image]));
    this.#samples = new Map(this.index.samples.map((sample) => [sample.id, sample]));
  }

  /** @throws {RangeError} when the sample is not among the views. */
  sample(id: number): ViewedSample {
    const sample = this.#samples.get(id);
    if (!sample) {
      throw new RangeError(
        `sample ${id} has no views in the split ${this.index.split}; give the views that the prototypes and the ` +
          "evaluation were made from",
      );
    }
    return sample;
  }

  /** The image; with a frame around a view, or around a cell of its feature map, if one is given. */
  async image(id: number, view?: number, cell?: Cell): Promise<Html> {
    const frame = view === undefined ? undefined : cellFrame(this.frame(id, view), cell);
    const { name } = this.sample(id);
    const framed = frame && `: framed is ${cell ? "the most similar position" : `view ${view}`}`;
    return await picture(await this.photograph(id, IMAGE_SIDE), `${name}${framed ?? ""}`, frame);
  }

  /** The image (RGB), at most `side` pixels long. */
  async photograph(id: number, side: number): Promise<Image> {
    return atMost(await decodeOverWhite(join(this.data, this.#images.get(this.sample(id).id)!)), side);
  }

  /** The part of the image that the view shows. */
  frame(id: number, view: number): Frame {
    const { rows, views, width, height } = this.sample(id);
    const { rectangle } = rows[views[view]];
    return {
      left: rectangle.left / width,
      top: rectangle.top / height,
      width: rectangle.width / width,
      height: rectangle.height / height,
    };
  }

  /** @param map the relevance of each pixel, in the view's size */
  async view(id: number, view: number, map?: Float32Array): Promise<Html> {
    const plain = this.pixels(id, view);
    const shown = atMost(map ? glowing(plain, map) : plain, VIEW_SIDE);
    return await picture(shown, `view ${view} of ${this.sample(id).name}${map ? " with its saliency" : ""}`);
  }

  /** The view (RGB), in its own size. */
  pixels(id: number, view: number): Image {
    const sample = this.sample(id);
    const { width, height } = this.index;
    const pixels = new Uint8Array(3 * width * height);
    this.#pixels.read(sample, sample.views[view], pixels);
    return image(width, height, "RGB", pixels);
  }

  close(): void {
    this.#pixels.close();
  }
}

/** The frame of a cell of a view; that of the view if there is no cell. */
export function cellFrame({ left, top, width, height }: Frame, cell: Cell | undefined): Frame {
  const [row, column, rows, columns] = cell ?? [0, 0, 1, 1];
  return {
    left: left + width * column / columns,
    top: top + height * row / rows,
    width: width / columns,
    height: height / rows,
  };
}
