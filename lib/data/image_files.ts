/** Image files that annotations name: inside their folder, present, and of a known size. */

import { closeSync, openSync, readdirSync, readFileSync, readSync, realpathSync } from "node:fs";
import { join, sep } from "node:path";
import { ImageError } from "../vision/image_error.ts";
import { type ImageHeader, readHeader } from "../vision/image_header.ts";
import { swapsSides } from "../vision/orientation.ts";
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
  /** By folder, its names by their form C; filled where a name is not found as it is written. */
  readonly #names = new Map<string, ReadonlyMap<string, string>>();

  /**
   * @param root the folder that must contain every file, even behind links; it may itself be a link
   * @throws {DataSetError} if there is no such folder.
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
    let path = join(this.root, folder, name);
    let real = realPath(path);
    if (real === undefined) {
      path = this.#inAnyForm(join(folder, name));
      real = realPath(path);
    }
    if (real === undefined) throw new ImageFileError(`the file "${join(folder, name)}" is missing`);
    if (!real.startsWith(this.#real + sep)) {
      throw new ImageFileError(`"${name}" leads outside the data set, to ${real}`);
    }
    return path;
  }

  /** The path whose names are those of `path` in any normal form of Unicode: a Mac's disk gives them in form D. */
  #inAnyForm(path: string): string {
    let at = this.root;
    for (const name of path.split("/")) at = join(at, this.#namesIn(at).get(name.normalize("NFC")) ?? name);
    return at;
  }

  #namesIn(folder: string): ReadonlyMap<string, string> {
    let names = this.#names.get(folder);
    if (names === undefined) {
      names = new Map(entriesOf(folder).map((name) => [name.normalize("NFC"), name]));
      this.#names.set(folder, names);
    }
    return names;
  }
}

function realPath(path: string): string | undefined {
  try {
    return realpathSync(path);
  } catch {
    return undefined;
  }
}

function entriesOf(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

/**
 * The width and height of an image file in pixels, from its first bytes.
 *
 * @param turned whether as its EXIF orientation shows it, not as it is stored
 * @throws {ImageFileError} where it is no JPEG or PNG.
 */
export function imageSize(path: string, turned = false): { readonly width: number; readonly height: number } {
  const { width, height, orientation } = imageHeader(path);
  return turned && swapsSides(orientation) ? { width: height, height: width } : { width, height };
}

/**
 * What the first bytes of an image file say.
 *
 * @throws {ImageFileError} where it is no JPEG or PNG.
 */
export function imageHeader(path: string): ImageHeader {
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
