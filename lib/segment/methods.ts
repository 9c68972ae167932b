/** The ways to segment by name: their params, what each reads of an image's data, and how it is made ready. */

import { join } from "node:path";
import { z } from "zod";
import { type IndexedSample, readIndexedDataSet } from "../data/data_set_index.ts";
import { CONTOUR_DEFAULTS } from "./contour/contour_masks.ts";
import type { Segmenter } from "./segmenter.ts";

const contour = z.strictObject({
  name: z.literal("contour"),
  /** Smoothing before contours are measured, in pixels. */
  sigma: z.number().min(0.3).max(20).default(CONTOUR_DEFAULTS.sigma),
  /** Contrast that counts as even colour, in units of L*a*b* a pixel. */
  floor: z.number().nonnegative().default(CONTOUR_DEFAULTS.floor),
  /** Smaller masks are left out; a share of the image. */
  minSize: z.number().min(0).max(1).default(CONTOUR_DEFAULTS.minSize),
  /** Of two masks with a higher intersection over union one is kept. */
  maxIou: z.number().min(0).max(1).default(CONTOUR_DEFAULTS.maxIou),
  /** At most so many masks of the figure and its parts, and of what surrounds it. */
  figureMasks: z.int().positive().default(CONTOUR_DEFAULTS.figureMasks),
  groundMasks: z.int().nonnegative().default(CONTOUR_DEFAULTS.groundMasks),
});

const patches = z.strictObject({
  name: z.literal("patches"),
  /** Along each side of the object's box. */
  factor: z.int().min(1).max(64).default(2),
});

const annotated = z.strictObject({
  name: z.literal("annotated"),
  /** The object's box, the object's mask, or a mask a part. */
  of: z.enum(["boxes", "objects", "parts"]),
});

const files = z.strictObject({
  name: z.literal("files"),
  /** The name under which the masks are filed: `segmentations/<method>/…`. */
  method: z.string().regex(/^[\w-]+$/),
});

export const segmentMethod = z.discriminatedUnion("name", [contour, patches, annotated, files]);

export type SegmentMethod = z.output<typeof segmentMethod>;

/** Inputs beside the data set, by name: what each is. */
export function methodInputs({ name }: SegmentMethod): Record<string, { about: string; optional?: boolean }> {
  switch (name) {
    case "files":
      return { masks: { about: "a folder with segmentation_info.json and segmentations/<method>/" } };
    default:
      return {};
  }
}

/** By input, the files on which the masks of a sample depend. */
export function methodFiles(method: SegmentMethod, sample: IndexedSample): Record<string, string[]> {
  const index = "dataset.json";
  switch (method.name) {
    case "patches":
      return { data: [sample.image, index] };
    case "annotated":
      return {
        data: [sample.image, index, sample.segmentation, sample.partMask].filter((file) =>
          file !== undefined
        ),
      };
    case "files": {
      const folder = sample.name.replace(/\.[^./]*$/, "");
      return {
        data: [sample.image],
        masks: ["segmentation_info.json", join("segmentations", method.method, folder)],
      };
    }
    default:
      return { data: [sample.image] };
  }
}

/**
 * Makes a method ready to segment.
 *
 * @param input the path of an input
 */
export async function openSegmenter(
  method: SegmentMethod,
  input: (name: string) => string,
): Promise<Segmenter> {
  // Each is loaded when it is asked for: a process that looks for contours needs no runtime for networks.
  switch (method.name) {
    case "contour":
      return (await import("./segmenters/contour.ts")).contourSegmenter(method);
    case "patches":
      return (await import("./segmenters/annotations.ts")).patchSegmenter(method.factor);
    case "annotated": {
      const parts = [...readIndexedDataSet(input("data")).partNames.keys()];
      return (await import("./segmenters/annotations.ts")).annotatedSegmenter(method.of, parts);
    }
    case "files":
      return await (await import("./segmenters/mask_folder.ts")).maskFolderSegmenter(
        input("masks"),
        method.method,
      );
  }
}
