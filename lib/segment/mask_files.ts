/** Masks on disk in the format of the reference implementation: one PNG per mask, and an index. */

import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { encodePng } from "../vision/encode.ts";
import type { Image } from "../vision/image.ts";
import { cutImage } from "../vision/masks/cut.ts";
import { maskFileName, type MeasuredMask } from "./mask_driver.ts";
import {
  formatMaskIndex,
  MASK_INDEX_FILE,
  maskFolder,
  type MaskIndex,
  MaskIndexError,
  type MaskRecord,
  parseMaskIndex,
} from "./mask_index.ts";

/**
 * The path of a mask below the data set's root: `segmentations/<method>/<class>/<stem>/<file>`.
 *
 * @param sampleName `<class>/<stem>.<extension>`
 */
export function maskPath(root: string, method: string, sampleName: string, file: string): string {
  return join(root, maskFolder(method, sampleName), file);
}

/**
 * Writes the masks of one image as PNGs, each the image cut by the mask, named by their rank.
 *
 * @returns their records for the index
 */
export async function writeMasks(
  root: string,
  method: string,
  sampleName: string,
  image: Image,
  masks: readonly MeasuredMask[],
): Promise<MaskRecord[]> {
  await mkdir(maskPath(root, method, sampleName, ""), { recursive: true });
  return await Promise.all(masks.map(async ({ mask, size, shift, box }, key) => {
    const file = maskFileName(key);
    await writeFile(maskPath(root, method, sampleName, file), await encodePng(cutImage(image, mask)));
    return { key, file, size, shift, box };
  }));
}

/**
 * The mask index of the data set at `root`.
 *
 * @throws {MaskIndexError} naming the file, where it is missing or not of the index's form.
 */
export async function readMaskIndex(root: string): Promise<MaskIndex> {
  const path = join(root, MASK_INDEX_FILE);
  try {
    return parseMaskIndex(await readFile(path, "utf8"));
  } catch (cause) {
    throw new MaskIndexError(`${path}: ${(cause as Error).message}`, { cause });
  }
}

/** Writes the mask index of the data set at `root` atomically. */
export async function writeMaskIndex(root: string, index: MaskIndex): Promise<void> {
  const path = join(root, MASK_INDEX_FILE);
  await writeFile(`${path}.new`, formatMaskIndex(index));
  await rename(`${path}.new`, path);
}
