/**
 * Stores all views of a split in two files: `views.u8`, consecutive rows of height × width × 3 bytes (RGB),
 * and `views.json`, which describes the rows. If an image repeats a view to reach the number of views, the
 * view is stored once.
 */

import { closeSync, openSync, readSync, statSync, writeFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { readJson } from "../../json/read_json.ts";

const FORMAT = "protoflow views 1";
const PIXELS_FILE = "views.u8";
const INDEX_FILE = "views.json";

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
  /** The number of the image's first row in the pixel file; its other rows follow. */
  firstRow: z.int().nonnegative(),
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
  rowCount: z.int().nonnegative(),
  classes: z.array(z.string()),
  /** Class weights of the data set's training samples. */
  classWeights: z.array(z.number()),
  samples: z.array(sampleSchema),
});

/** The description of one row of the pixel file. */
export type ViewRow = z.infer<typeof rowSchema>;
/** The index entry of a sample: its annotations and the rows of its views. */
export type ViewedSample = z.infer<typeof sampleSchema>;
/** The content of `views.json`. */
export type ViewsIndex = z.infer<typeof indexSchema>;

/** A folder whose views are missing, incomplete or malformed. */
export class ViewsFileError extends Error {
  override name = "ViewsFileError";
}

/**
 * Writes both files into `folder`, which must exist.
 *
 * @param pixels the bytes of each sample's rows
 */
export function writeViews(
  folder: string,
  index: Omit<ViewsIndex, "format" | "rowCount">,
  pixels: Iterable<Uint8Array>,
): void {
  const { samples, ...head } = index;
  const bytesPerRow = head.width * head.height * 3;
  const rowCount = samples.reduce((sum, { rows }) => sum + rows.length, 0);
  const file = openSync(join(folder, PIXELS_FILE), "w");
  try {
    let written = 0;
    for (const bytes of pixels) {
      for (let at = 0; at < bytes.length;) at += writeSync(file, bytes, at);
      written += bytes.length;
    }
    if (written !== rowCount * bytesPerRow) {
      throw new ViewsFileError(
        `${folder}: the index lists ${rowCount} rows of ${bytesPerRow} bytes, but ${written} bytes were given`,
      );
    }
  } finally {
    closeSync(file);
  }
  const text = JSON.stringify({ format: FORMAT, ...head, rowCount }).slice(0, -1);
  const lines = samples.map((sample) => JSON.stringify(sample)).join(",\n");
  writeFileSync(join(folder, INDEX_FILE), `${text},"samples":[\n${lines}\n]}\n`);
}

/**
 * The index of a folder that `writeViews` wrote.
 *
 * @throws {JsonFileError} if the index is missing or malformed.
 * @throws {ViewsFileError} if the index has no images, or the pixel file is missing or has the wrong length.
 */
export function readViewsIndex(folder: string): ViewsIndex {
  const index = readJson(join(folder, INDEX_FILE), indexSchema, "views");
  const size = statSync(join(folder, PIXELS_FILE), { throwIfNoEntry: false })?.size;
  if (size === undefined) {
    throw new ViewsFileError(`${folder} is not a folder of views: ${PIXELS_FILE} is missing`);
  }
  if (index.samples.length === 0) {
    throw new ViewsFileError(
      `${folder}: the split ${index.split} has no images; give a split with at least one image`,
    );
  }
  const expected = index.rowCount * index.width * index.height * 3;
  if (size !== expected) {
    throw new ViewsFileError(`${folder}: ${PIXELS_FILE} has ${size} bytes, but ${expected} were expected`);
  }
  return index;
}

/** Reads rows of a pixel file. Call `close` when done. */
export class ViewPixels {
  readonly #file: number;
  readonly #bytesPerRow: number;

  constructor(
    readonly folder: string,
    { width, height }: { readonly width: number; readonly height: number },
  ) {
    this.#file = openSync(join(folder, PIXELS_FILE), "r");
    this.#bytesPerRow = width * height * 3;
  }

  /** Fills `into` with the row's bytes. */
  read(row: number, into: Uint8Array): void {
    for (let at = 0; at < this.#bytesPerRow;) {
      const count = readSync(this.#file, into, at, this.#bytesPerRow - at, row * this.#bytesPerRow + at);
      if (count === 0) {
        throw new ViewsFileError(`${this.folder}: ${PIXELS_FILE} ends before the end of row ${row}`);
      }
      at += count;
    }
  }

  close(): void {
    closeSync(this.#file);
  }
}
