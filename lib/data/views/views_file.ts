/**
 * Stores all views of a split: `images/` holds the views of each image, in a file of its own named as its other results,
 * and `views.json` describes them. If an image repeats a view to reach the number of views, the view is stored once. A file
 * of an image begins with rows of height × width × 3 bytes (RGB), one a view (see image_views.ts).
 */

import { closeSync, openSync, readSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { readJson } from "../../json/read_json.ts";
import { sampleFileName } from "../data_set.ts";

const FORMAT = "protoflow views 2";
const INDEX_FILE = "views.json";

/** The folder with the files of images, named by `sampleFileName`. */
export const IMAGES_FOLDER = "images";

const corners = z.tuple([z.number(), z.number(), z.number(), z.number()]);

/** The description of one row. */
const rowSchema = z.strictObject({
  /** The mask's index in the image's mask set, where 0 is the largest; 0 if there are no masks. */
  mask: z.int().nonnegative(),
  /**
   * The requested box: inclusive corners of a mask's box, or the annotated box of the object; absent for a
   * whole image.
   */
  box: corners.optional(),
  /** The rectangle of the image that was cropped and resized to the view. */
  rectangle: z.strictObject({ left: z.int(), top: z.int(), width: z.int(), height: z.int() }),
});

const sampleSchema = z.strictObject({
  id: z.int().nonnegative(),
  name: z.string(),
  label: z.int().nonnegative(),
  /** The size of the image, in pixels. */
  width: z.int(),
  height: z.int(),
  rows: z.array(rowSchema),
  /** For each view, the index of its row in `rows`. */
  views: z.array(z.int().nonnegative()),
});

const indexSchema = z.strictObject({
  format: z.literal(FORMAT),
  split: z.enum(["train", "test"]),
  width: z.int().positive(),
  height: z.int().positive(),
  viewsPerImage: z.int().positive(),
  classes: z.array(z.string()),
  /** Class weights of the data set's training samples. */
  classWeights: z.array(z.number()),
  samples: z.array(sampleSchema),
});

/** The description of one row of an image's file. */
export type ViewRow = z.infer<typeof rowSchema>;
/** The index entry of a sample: its annotations and the rows of its views. */
export type ViewedSample = z.infer<typeof sampleSchema>;
/** The content of `views.json`. */
export type ViewsIndex = z.infer<typeof indexSchema>;
/** The size of an image, and the rows of its file. */
export type ImageRows = Pick<ViewedSample, "width" | "height" | "rows">;

/** A folder whose views are missing, incomplete or malformed. */
export class ViewsFileError extends Error {
  override name = "ViewsFileError";
}

/** Writes the index of views into `folder`, which must exist. */
export function writeViewsIndex(folder: string, index: Omit<ViewsIndex, "format">): void {
  const { samples, ...head } = index;
  const text = JSON.stringify({ format: FORMAT, ...head }).slice(0, -1);
  const lines = samples.map((sample) => JSON.stringify(sample)).join(",\n");
  writeFileSync(join(folder, INDEX_FILE), `${text},"samples":[\n${lines}\n]}\n`);
}

/**
 * The index of a folder of views.
 *
 * @throws {JsonFileError} if the index is missing or malformed.
 * @throws {ViewsFileError} if the index has no images.
 */
export function readViewsIndex(folder: string): ViewsIndex {
  const index = readJson(join(folder, INDEX_FILE), indexSchema, "views");
  if (index.samples.length === 0) {
    throw new ViewsFileError(
      `${folder}: the split ${index.split} has no images; give a split with at least one image`,
    );
  }
  return index;
}

/** Reads rows of the images' files, of which one at a time is open. Call `close` when done. */
export class ViewPixels {
  readonly #bytesPerRow: number;
  #open: { readonly path: string; readonly file: number } | undefined;

  /** @param images the folder with the files of images: `images` of a folder of views */
  constructor(readonly images: string, { width, height }: Pick<ViewsIndex, "width" | "height">) {
    this.#bytesPerRow = width * height * 3;
  }

  /**
   * Fills `into` with the bytes of a row.
   *
   * @throws {ViewsFileError} if the image's file is missing or too short.
   */
  read(sample: Pick<ViewedSample, "id" | "name">, row: number, into: Uint8Array): void {
    const file = this.#fileOf(join(this.images, sampleFileName(sample)));
    for (let at = 0; at < this.#bytesPerRow;) {
      const count = readSync(file, into, at, this.#bytesPerRow - at, row * this.#bytesPerRow + at);
      if (count === 0) {
        throw new ViewsFileError(`${this.#open!.path} ends before the end of row ${row}`);
      }
      at += count;
    }
  }

  close(): void {
    if (this.#open !== undefined) closeSync(this.#open.file);
    this.#open = undefined;
  }

  /** All rows of an image are read one after the other. */
  #fileOf(path: string): number {
    if (this.#open?.path === path) return this.#open.file;
    this.close();
    try {
      this.#open = { path, file: openSync(path, "r") };
    } catch (error) {
      throw new ViewsFileError(`the views of an image can't be read: ${(error as Error).message}`, {
        cause: error,
      });
    }
    return this.#open.file;
  }
}

/** The pixels of a folder of views. */
export function viewPixelsOf(folder: string, index: Pick<ViewsIndex, "width" | "height">): ViewPixels {
  return new ViewPixels(join(folder, IMAGES_FOLDER), index);
}
