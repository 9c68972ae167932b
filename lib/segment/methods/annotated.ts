/** The method `annotated`: masks from the annotations of the data set. */

import { z } from "zod";
import { defineMethod, type SampleFacts } from "./method.ts";

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
    const partIds = Object.keys(index.partNames).map(Number);
    return ({ box, segmentation, partMask }): ReturnType<SampleFacts> => {
      switch (of) {
        case "boxes":
          return { ...(box && { box }) };
        case "objects":
          return { ...(segmentation !== undefined && { segmentation }) };
        case "parts":
          return { ...(partMask !== undefined && { partMask }), partIds };
      }
    };
  },
  async open({ of }) {
    const { annotatedMasks } = await import("../annotated_masks.ts");
    return { masks: (_, sample) => annotatedMasks(sample, of) };
  },
});
