/** The method `annotated`: masks from the annotations of the data set. */

import { z } from "zod";
import { INDEX_FILE, readDataSetIndex } from "../../data/data_set_index.ts";
import { defineMethod } from "./method.ts";

/** The method `annotated`. */
export const annotated = defineMethod({
  params: z.strictObject({
    name: z.literal("annotated"),
    /** The object's box, the object's mask, or a mask a part. */
    of: z.enum(["boxes", "objects", "parts"]),
  }),
  inputs: {},
  cpu: 1,
  files: (_, { image, segmentation, partMask }) => ({
    data: [image, INDEX_FILE, segmentation, partMask].filter((file) => file !== undefined),
  }),
  async open({ of }, { inputs }) {
    const { annotatedMasks } = await import("../annotated_masks.ts");
    const parts = Object.keys(readDataSetIndex(inputs("data")[0]).partNames).map(Number);
    return { masks: (_, sample) => annotatedMasks(sample, of, parts) };
  },
});
