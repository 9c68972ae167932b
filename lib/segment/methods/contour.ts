/** The method `contour`: the regions enclosed by the contours of an image, without a model. */

import { z } from "zod";
import { CONTOUR_DEFAULTS, contourMasks } from "../contour/contour_masks.ts";
import { defineMethod } from "./method.ts";

/** The method `contour`. */
export const contour = defineMethod({
  params: z.strictObject({
    name: z.literal("contour"),
    /** Dark lines narrower than this, such as drawn outlines, are removed before contours are found; in pixels. */
    lineWidth: z.int().min(1).max(64).default(CONTOUR_DEFAULTS.lineWidth),
    /** Smoothing before the gradient is taken, in pixels. */
    sigma: z.number().min(0.3).max(20).default(CONTOUR_DEFAULTS.sigma),
    /** The contrast above which a contour is a boundary; in units of L*a*b* per pixel. */
    threshold: z.number().nonnegative().default(CONTOUR_DEFAULTS.threshold),
    /** The number of pixels by which masks grow into the boundary; 0 leaves it out of all masks, as in `slit`. */
    grow: z.int().min(0).max(64).default(CONTOUR_DEFAULTS.grow),
  }),
  inputs: {},
  cpu: 1,
  files: (_, { image }) => ({ data: [image] }),
  open: (options) =>
    Promise.resolve({
      masks: (image) => Promise.resolve(contourMasks(image, options).map((runs) => ({ runs }))),
    }),
});
