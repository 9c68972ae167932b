/** The method `files`: masks that were made elsewhere and stored as the reference implementation stores them. */

import type { Sample } from "../../data/data_set.ts";
import { readMask } from "../../vision/masks/mask_file.ts";
import { encodeRunLengths } from "../../vision/masks/rle.ts";
import { maskPath, readMaskIndex } from "../mask_files.ts";
import { MaskIndexError, type MaskRecord } from "../mask_index.ts";
import type { Segmenter } from "../segmenter.ts";

/**
 * @param root holds `segmentation_info.json` and `segmentations/<method>/…`
 * @param method the name under which the masks are filed
 * @throws {MaskIndexError} when the index is missing or broken, or has no such method.
 */
export async function maskFolderSegmenter(root: string, method: string): Promise<Segmenter> {
  const images = (await readMaskIndex(root)).get(method);
  if (!images) throw new MaskIndexError(`${root}: the mask index has no masks of the method "${method}"`);
  return {
    masks: (_, sample) =>
      Promise.all(
        recordsOf(images, sample, root).map(async ({ file }) => ({
          runs: encodeRunLengths(await readMask(maskPath(root, method, sample.name, file))),
        })),
      ),
  };
}

function recordsOf(
  images: ReadonlyMap<number, readonly MaskRecord[]>,
  { id, name }: Sample,
  root: string,
): readonly MaskRecord[] {
  const records = images.get(id);
  if (records) return records;
  throw new MaskIndexError(`${root}: the mask index has no entry for image ${id}, ${name}`);
}
