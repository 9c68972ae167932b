/** The method `patches`: the object's box, split into a grid. */

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
  facts: () => ({ box }) => ({ box }),
  open: ({ factor }) =>
    Promise.resolve({
      masks: ({ width, height }, { box }) =>
        Promise.resolve(
          patchMasks(width, height, box!, factor).map((runs) => ({ runs })),
        ),
    }),
});
