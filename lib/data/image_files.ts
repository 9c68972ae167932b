/** Checks image files by their names: each must exist, lie inside its folder and have a readable size. */

import { closeSync, openSync, readFileSync, readSync } from "node:fs";
import { join, sep } from "node:path";
import { isMissing } from "../system/is_there.ts";
import { ImageError } from "../vision/image_error.ts";
import { type ImageHeader, readHeader } from "../vision/image_header.ts";
import { swapsSides } from "../vision/orientation.ts";
import type { Box } from "../vision/masks/boxes.ts";
import { DataSetError } from "./data_set_error.ts";
import { listFolder } from "./list_folder.ts";

/** A file name outside its folder, a file that is missing or not an image, or a box outside its image. */
export class ImageFileError extends Error {
  override name = "ImageFileError";
}

/**
 * Enough for the header of nearly every image. One buffer is reused, because thousands of headers are read in
 * sequence.
 */
const HEADER_BYTES = 2 ** 16;
const start = new Uint8Array(HEADER_BYTES);

/** Finds files in one folder and rejects paths outside it. */
export class ImageFolder {
  /** The root with symbolic links resolved. */
  readonly #real: string;
  /** For each folder, its file names by their NFC form; filled only when a name is not found as written. */
  readonly #names = new Map<string, ReadonlyMap<string, string>>();

  /**
   * @param root the folder that must contain every file after symbolic links are resolved; it may itself be a
   * link
   * @throws {DataSetError} if there is no such folder.
   */
  constructor(readonly root: string) {
    try {
      this.#real = Deno.realPathSync(root);
    } catch (cause) {
      const reason = isMissing(cause)
        ? "the folder is missing"
        : `the folder can't be looked at: ${(cause as Error).message}`;
      throw new DataSetError(root, undefined, reason, { cause });
    }
  }

  /**
   * The path of the file `name` in `folder` of the root.
   *
   * @throws {ImageFileError} if the name is absolute or has "..", empty parts, backslashes or control
   * characters, or if the file is missing or a link leads outside the root.
   * @throws {DataSetError} if a folder on the way can't be listed.
   */
  find(folder: string, name: string): string {
    // deno-lint-ignore no-control-regex
    if (/[\\\u0000-\u001f]/.test(name) || name.split("/").some((part) => ["", ".", ".."].includes(part))) {
      throw new ImageFileError(
        `"${name}" must be a relative path without "..", empty parts, "\\" and control characters`,
      );
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

  /** The existing path that equals `path` after Unicode normalisation: macOS stores names in NFD. */
  #inAnyForm(path: string): string {
    let at = this.root;
    for (const name of path.split("/")) at = join(at, this.#namesIn(at).get(name.normalize("NFC")) ?? name);
    return at;
  }

  #namesIn(folder: string): ReadonlyMap<string, string> {
    let names = this.#names.get(folder);
    if (names === undefined) {
      names = new Map((listFolder(folder) ?? []).map(({ name }) => [name.normalize("NFC"), name]));
      this.#names.set(folder, names);
    }
    return names;
  }
}

function realPath(path: string): string | undefined {
  try {
    return Deno.realPathSync(path);
  } catch (cause) {
    if (isMissing(cause)) return undefined;
    throw new ImageFileError(`${path} can't be looked at: ${(cause as Error).message}`, { cause });
  }
}

/**
 * The width and height of an image file in pixels, from its first bytes.
 *
 * @param turned whether to return the size after rotation by the EXIF orientation instead of the stored size
 * @throws {ImageFileError} if the file is not a JPEG or PNG.
 */
export function imageSize(path: string, turned = false): { readonly width: number; readonly height: number } {
  const { width, height, orientation } = imageHeader(path);
  return turned && swapsSides(orientation) ? { width: height, height: width } : { width, height };
}

/**
 * The header of an image file, read from its first bytes.
 *
 * @throws {ImageFileError} if the file is not a JPEG or PNG.
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

/** Reads the file's first bytes into `start` and returns their number. */
function readStart(path: string): number {
  const file = openSync(path, "r");
  try {
    return readSync(file, start, 0, HEADER_BYTES, 0);
  } finally {
    closeSync(file);
  }
}

/**
 * Checks a box. A box may extend over the border of its image, because crops clamp it; it must not be empty
 * and must share at least one pixel with the image.
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
 * Calls `check` and returns its result.
 *
 * @param file the annotation file with the entry that names the image
 * @param entry the name of the entry in error messages
 * @throws {DataSetError} if `check` throws an `ImageFileError`.
 */
export function inEntry<T>(file: string, entry: string, check: () => T): T {
  try {
    return check();
  } catch (cause) {
    if (!(cause instanceof ImageFileError)) throw cause;
    throw new DataSetError(file, undefined, `${entry}: ${cause.message}`, { cause });
  }
}
