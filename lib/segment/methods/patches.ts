/** The method `patches`: the object's box, or of a data set without boxes the whole image, split into a grid. */

import { z } from "zod";
import { patchMasks } from "../patches.ts";
import { defineMethod } from "./method.ts";

/** The method `patches`. */
export const patches = defineMethod({
  params: z.strictObject({
    name: z.literal("patches"),
    /** Along each side of the object's box. */
    factor: z.int().min(1).max(64).default(2),
  }),
  inputs: {},
  cpu: 1,
  files: (_, { image }) => ({ data: [image] }),
  facts: () => ({ box }) => ({ ...(box && { box }) }),
  open: ({ factor }) =>
    Promise.resolve({
      masks: ({ width, height }, { box }) =>
        Promise.resolve(
          patchMasks(width, height, box ?? [0, 0, width, height], factor).map((runs) => ({ runs })),
        ),
    }),
});
