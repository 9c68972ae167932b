/** Image files that annotations name: inside their folder, present, and of a known size. */

import { closeSync, openSync, readFileSync, readSync, realpathSync } from "node:fs";
import { join, sep } from "node:path";
import { ImageError } from "../vision/image_error.ts";
import { type ImageHeader, readHeader } from "../vision/image_header.ts";
import type { Box } from "../vision/masks/boxes.ts";
import { DataSetError } from "./data_set_error.ts";

/** A name that leaves its folder, a file that is missing or no image, or a box beside its image. */
export class ImageFileError extends Error {
  override name = "ImageFileError";
}

/** Enough for the header of nearly every image; one buffer serves all, as thousands are read in a row. */
const HEADER_BYTES = 2 ** 16;
const start = new Uint8Array(HEADER_BYTES);

/** Finds files in one folder and refuses to leave it. */
export class ImageFolder {
  /** Without links. */
  readonly #real: string;

  /**
   * @param root what no file may lie outside of, be it by a link; it may be one itself
   * @throws {DataSetError} where there is no such folder.
   */
  constructor(readonly root: string) {
    try {
      this.#real = realpathSync(root);
    } catch (cause) {
      throw new DataSetError(root, undefined, "the folder is missing", { cause });
    }
  }

  /**
   * The path of the file `name` in `folder` of the root.
   *
   * @throws {ImageFileError} where the name is absolute, has "..", empty parts, backslashes or control
   * characters, or the file is missing or, by a link, outside the root.
   */
  find(folder: string, name: string): string {
    // deno-lint-ignore no-control-regex
    if (/[\\\u0000-\u001f]/.test(name) || name.split("/").some((part) => ["", ".", ".."].includes(part))) {
      throw new ImageFileError(`"${name}" is no relative path of plain names`);
    }
    const path = join(this.root, folder, name);
    let real: string;
    try {
      real = realpathSync(path);
    } catch (cause) {
      throw new ImageFileError(`the file "${join(folder, name)}" is missing`, { cause });
    }
    if (!real.startsWith(this.#real + sep)) {
      throw new ImageFileError(`"${name}" leads outside the data set, to ${real}`);
    }
    return path;
  }
}

/**
 * The width and height of an image file in pixels, from its first bytes.
 *
 * @throws {ImageFileError} where it is no JPEG or PNG.
 */
export function imageSize(path: string): ImageHeader {
  try {
    const length = readStart(path);
    try {
      return readHeader(start.subarray(0, length), path);
    } catch (error) {
      // A JPEG may hold more metadata before its size.
      if (!(error instanceof ImageError) || length < HEADER_BYTES) throw error;
      return readHeader(readFileSync(path), path);
    }
  } catch (cause) {
    throw new ImageFileError((cause as Error).message, { cause });
  }
}

/** Reads the file's first bytes into `start`; how many there are. */
function readStart(path: string): number {
  const file = openSync(path, "r");
  try {
    return readSync(file, start, 0, HEADER_BYTES, 0);
  } finally {
    closeSync(file);
  }
}

/**
 * Boxes may reach over the border, where crops clamp them; one that is empty or shares no pixel with its image is
 * a fault.
 *
 * @throws {ImageFileError}
 */
export function requireBoxInImage(box: Box, { width, height }: { width: number; height: number }): void {
  const [x1, y1, x2, y2] = box;
  if (!(x2 > x1 && y2 > y1)) throw new ImageFileError(`the box [${box}] has no area`);
  if (x1 >= width || y1 >= height || x2 <= 0 || y2 <= 0) {
    throw new ImageFileError(`the box [${box}] lies outside its image of ${width} × ${height}`);
  }
}

/**
 * What `check` returns.
 *
 * @param file annotations with the entry that leads to the image
 * @param entry names it
 * @throws {DataSetError} in place of an `ImageFileError`.
 */
export function inEntry<T>(file: string, entry: string, check: () => T): T {
  try {
    return check();
  } catch (cause) {
    if (!(cause instanceof ImageFileError)) throw cause;
    throw new DataSetError(file, undefined, `${entry}: ${cause.message}`, { cause });
  }
}
