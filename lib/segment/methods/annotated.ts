/** The method `annotated`: masks from the annotations of the data set. */

import { z } from "zod";
import { type DataSetIndex, readDataSetIndex } from "../../data/data_set_index.ts";
import { defineMethod } from "./method.ts";

/** The method `annotated`. */
export const annotated = defineMethod({
  params: z.strictObject({
    name: z.literal("annotated"),
    /** The object's box, the object's mask, or one mask per part. */
    of: z.enum(["boxes", "objects", "parts"]),
  }),
  inputs: {},
  cpu: 1,
  files: ({ of }, { image, segmentation, partMask }) => {
    const annotation = { boxes: undefined, objects: segmentation, parts: partMask }[of];
    return { data: [image, annotation].filter((file) => file !== undefined) };
  },
  facts({ of }, { index }) {
    if (of === "objects") return undefined;
    const parts = partIds(index);
    return of === "boxes" ? ({ box }) => ({ box }) : () => ({ parts });
  },
  async open({ of }, { inputs }) {
    const { annotatedMasks } = await import("../annotated_masks.ts");
    const parts = partIds(readDataSetIndex(inputs("data")[0]));
    return { masks: (_, sample) => annotatedMasks(sample, of, parts) };
  },
});

function partIds({ partNames }: DataSetIndex): number[] {
  return Object.keys(partNames).map(Number);
}
