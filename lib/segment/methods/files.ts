/** The method `files`: masks made elsewhere, in the file format of the reference implementation. */

import { z } from "zod";
import { encodeRunLengths } from "../../vision/masks/rle.ts";
import { maskFolder, MaskIndexError, type MaskRecord } from "../mask_index.ts";
import type { FoundMask } from "../mask_set.ts";
import type { SegmentedSample, Segmenter } from "../segmenter.ts";
import { defineMethod } from "./method.ts";

/** The method `files`. */
export const files = defineMethod({
  params: z.strictObject({
    name: z.literal("files"),
    /** The name of the folder of masks: `segmentations/<method>/…`. */
    method: z.string().regex(/^[\w-]+$/),
  }),
  inputs: { masks: { about: "a folder with segmentation_info.json and segmentations/<method>/" } },
  cpu: 1,
  files: ({ method }, { image, name }) => ({
    data: [image],
    masks: [maskFolder(method, name)],
  }),
  async facts({ method }, { inputs }) {
    const images = await readImages(inputs("masks")[0], method);
    return ({ id }) => ({ masks: images.get(id)?.map(({ file }) => file) ?? [] });
  },
  open: ({ method }, { inputs }) => openMaskFolder(inputs("masks")[0], method),
});

/**
 * @param root holds `segmentation_info.json` and `segmentations/<method>/…`
 * @param method the name of the folder of masks
 * @throws {MaskIndexError} when the index is missing or broken, or has no such method.
 */
async function openMaskFolder(root: string, method: string): Promise<Segmenter> {
  const [{ maskPath }, { readMask }, images] = await Promise.all([
    import("../mask_files.ts"),
    import("../../vision/masks/mask_file.ts"),
    readImages(root, method),
  ]);
  return {
    async masks(_, sample) {
      // One after the other, as a large photograph may have thousands of masks.
      const found: FoundMask[] = [];
      for (const { file } of recordsOf(images, sample, root)) {
        found.push({ runs: encodeRunLengths(await readMask(maskPath(root, method, sample.name, file))) });
      }
      return found;
    },
  };
}

/** By sample id, the records of the method's masks. */
async function readImages(root: string, method: string): Promise<ReadonlyMap<number, readonly MaskRecord[]>> {
  const { readMaskIndex } = await import("../mask_files.ts");
  const images = (await readMaskIndex(root)).get(method);
  if (images) return images;
  throw new MaskIndexError(`${root}: the mask index has no masks of the method "${method}"`);
}

function recordsOf(
  images: ReadonlyMap<number, readonly MaskRecord[]>,
  { id, name }: SegmentedSample,
  root: string,
): readonly MaskRecord[] {
  const records = images.get(id);
  if (records) return records;
  throw new MaskIndexError(`${root}: the mask index has no entry for image ${id}, ${name}`);
}
