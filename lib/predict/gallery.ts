/** Pictures of prototypes: a training image that shows each, and its view there with the relevant pixels. */

import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { readPrototypes } from "../models/projection/prototype_list.ts";
import { atMost, glowing } from "../report/page/pictures.ts";
import { bestPlaces } from "../report/page/prototype_facts.ts";
import { PrototypeMaps } from "../report/page/prototype_maps.ts";
import { cellFrame, ViewPictures } from "../report/page/view_pictures.ts";
import { decodeImage } from "../vision/decode.ts";
import { encodeJpeg } from "../vision/encode.ts";
import type { Image } from "../vision/image.ts";
import type { ShownPrototype } from "./recipe.ts";

const IMAGE_SIDE = 224;
const VIEW_SIDE = 112;
const QUALITY = 90;
const FOLDER = "prototypes";

/** The prototypes of a model that a training image shows. */
export interface Gallery {
  /** In ascending order. */
  readonly shown: readonly ShownPrototype[];
  /** The pictures of one of them (RGB): the training image and the view. */
  pictures(prototype: number): Promise<{ readonly image: Image; readonly view: Image }>;
  close(): void;
}

/** The gallery of a model whose prototypes no image shows. */
export const EMPTY_GALLERY: Gallery = {
  shown: [],
  pictures: (prototype) => Promise.reject(new RangeError(`no image shows prototype ${prototype}`)),
  close() {},
};

/** Where the training images of prototypes are. */
export interface PrototypeSources {
  /** The list of prototypes. */
  readonly prototypes: string;
  readonly data: string;
  /** The views of the training set. */
  readonly views: string;
  /** The saliency of the prototypes in their own views. */
  readonly saliency?: string;
  /** The rows and columns of the feature map. */
  readonly grid: readonly [rows: number, columns: number];
}

/** Pictures that are made of the training images when they are asked for. */
export function galleryOfViews({ prototypes, data, views, saliency, grid }: PrototypeSources): Gallery {
  const sources = new Map(bestPlaces(readPrototypes(prototypes)).map((source) => [source.prototype, source]));
  const pictures = new ViewPictures(data, views);
  const maps = new PrototypeMaps(saliency);
  const shown = [...sources.values()].map(({ prototype, sample, view, position }): ShownPrototype => ({
    prototype,
    name: pictures.sample(sample).name,
    frame: cellFrame(pictures.frame(sample, view), position && [...position, ...grid]),
  }));
  return {
    shown: shown.sort((a, b) => a.prototype - b.prototype),
    async pictures(prototype) {
      const source = sources.get(prototype)!;
      const view = pictures.pixels(source.sample, source.view);
      const map = maps.of(source);
      return {
        image: await pictures.photograph(source.sample, IMAGE_SIDE),
        view: atMost(map ? glowing(view, map) : view, VIEW_SIDE),
      };
    },
    close: () => pictures.close(),
  };
}

/** Pictures that {@link writeGallery} wrote into the folder of a model. */
export function galleryOfFolder(folder: string, shown: readonly ShownPrototype[]): Gallery {
  return {
    shown,
    async pictures(prototype) {
      const { image, view } = filesOf(folder, prototype);
      return { image: await decodeImage(image), view: await decodeImage(view) };
    },
    close() {},
  };
}

/** Writes the pictures of all prototypes into the folder of a model. */
export async function writeGallery(folder: string, gallery: Gallery): Promise<void> {
  if (gallery.shown.length === 0) return;
  mkdirSync(join(folder, FOLDER));
  for (const { prototype } of gallery.shown) {
    const pictures = await gallery.pictures(prototype);
    const files = filesOf(folder, prototype);
    for (const which of ["image", "view"] as const) {
      writeFileSync(files[which], await encodeJpeg(pictures[which], QUALITY));
    }
  }
}

function filesOf(folder: string, prototype: number) {
  const path = (which: string) => join(folder, FOLDER, `${prototype}-${which}.jpg`);
  return { image: path("image"), view: path("view") };
}
