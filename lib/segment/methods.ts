/** The ways to segment by name: their params, and on which files the masks of an image depend. */

import { join } from "node:path";
import { z } from "zod";
import { sampleFileName } from "../data/data_set.ts";
import type { IndexedSample } from "../data/data_set_index.ts";
import { CONTOUR_DEFAULTS } from "./contour/contour_masks.ts";
import { SLIT_THRESHOLD } from "./slit.ts";

const contour = z.strictObject({
  name: z.literal("contour"),
  /** Dark lines narrower than this are no contours of their own, such as drawn outlines; in pixels. */
  lineWidth: z.int().min(1).max(64).default(CONTOUR_DEFAULTS.lineWidth),
  /** Smoothing before the gradient is taken, in pixels. */
  sigma: z.number().min(0.3).max(20).default(CONTOUR_DEFAULTS.sigma),
  /** Contours of a higher contrast are boundary; in units of L*a*b* a pixel. */
  threshold: z.number().nonnegative().default(CONTOUR_DEFAULTS.threshold),
  /** Pixels by which masks grow back over the boundary; 0 leaves it out of all, as `slit` does. */
  grow: z.int().min(0).max(64).default(CONTOUR_DEFAULTS.grow),
});

const slit = z.strictObject({
  name: z.literal("slit"),
  /** Pixels of a higher probability are boundary. */
  threshold: z.number().min(0).max(1).default(SLIT_THRESHOLD),
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

/** Of the automatic mask generator; what is left out has the preset's value. See `AutomaticMaskParameters`. */
const generator = z.strictObject({
  pointsPerSide: z.int().min(1).max(512),
  pointsPerBatch: z.int().min(1).max(4096),
  predictedIouThreshold: z.number().min(0).max(1),
  stabilityThreshold: z.number().min(0).max(1),
  stabilityOffset: z.number().nonnegative(),
  maskThreshold: z.number(),
  boxNmsThreshold: z.number().min(0).max(1),
  cropLayers: z.int().min(0).max(4),
  cropNmsThreshold: z.number().min(0).max(1),
  cropOverlap: z.number().min(0).max(1),
  cropPointsDownscale: z.int().positive(),
  minRegionArea: z.number().nonnegative(),
  removeRegions: z.boolean(),
  multimask: z.boolean(),
  refine: z.boolean(),
  channelOrder: z.enum(["RGB", "BGR"]),
}).partial();

const sam2 = z.strictObject({
  name: z.literal("sam2"),
  /** What the reference implementation runs with, or what the paper describes. */
  preset: z.enum(["reference", "paper"]).default("reference"),
  parameters: generator.default({}),
});

const mobileSam = z.strictObject({
  name: z.literal("mobile-sam"),
  parameters: generator.omit({ refine: true }).default({}),
});

/** The methods whose models embed an image before they are asked for masks. */
export type PromptableMethod = z.output<typeof sam2> | z.output<typeof mobileSam>;

/** What embeddings depend on. */
export const embeddingParameters = z.strictObject({
  name: z.enum(["sam2", "mobile-sam"]),
  cropLayers: generator.shape.cropLayers.unwrap(),
  cropOverlap: generator.shape.cropOverlap.unwrap().default(512 / 1500),
  channelOrder: generator.shape.channelOrder.unwrap(),
});

/** The `method` param of segmentation: a name and that method's parameters. */
export const segmentMethod = z.discriminatedUnion("name", [
  sam2,
  mobileSam,
  slit,
  contour,
  patches,
  annotated,
  files,
]);

export type SegmentMethod = z.output<typeof segmentMethod>;

/** Whether masks come from a network, which is loaded once a process. */
export function usesNetwork({ name }: SegmentMethod): boolean {
  return name === "sam2" || name === "mobile-sam" || name === "slit";
}

/** What a model is read from, by the name of the input. */
export function modelInputs({ name }: Pick<PromptableMethod, "name">): Record<string, { about: string }> {
  return name === "sam2" ? { weights: { about: "a published checkpoint of SAM 2.1" } } : {};
}

/** Inputs beside the data set, by name: what each is. */
export function methodInputs(method: SegmentMethod): Record<string, { about: string; optional?: boolean }> {
  switch (method.name) {
    case "sam2":
    case "mobile-sam":
      return {
        ...modelInputs(method),
        embeddings: {
          about: "what the kind embed made of the same data, crops and channels",
          optional: true,
        },
      };
    case "slit":
      return {
        weights: { about: "a checkpoint of a SegFormer that draws boundaries, model.safetensors" },
        configuration: { about: "the checkpoint's config.json" },
        processor: { about: "the checkpoint's preprocessor_config.json" },
      };
    case "files":
      return { masks: { about: "a folder with segmentation_info.json and segmentations/<method>/" } };
    default:
      return {};
  }
}

/**
 * By input, the files on which the masks of a sample depend.
 *
 * @param given whether the workflow gives an optional input
 */
export function methodFiles(
  method: SegmentMethod,
  sample: IndexedSample,
  given: (input: string) => boolean,
): Record<string, string[]> {
  const index = "dataset.json";
  switch (method.name) {
    case "sam2":
    case "mobile-sam":
      return {
        data: [sample.image],
        ...(method.name === "sam2" && { weights: ["."] }),
        ...(given("embeddings") && { embeddings: [sampleFileName(sample)] }),
      };
    case "slit":
      return { data: [sample.image], weights: ["."], configuration: ["."], processor: ["."] };
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
