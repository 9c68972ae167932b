/** The common parts of the methods `sam2` and `mobile-sam`: params of the mask generator, the model, stored embeddings. */

import { join } from "node:path";
import { z } from "zod";
import { sampleFileName } from "../../data/data_set.ts";
import type { SegmentedSample } from "../segmenter.ts";
import type { AutomaticMaskParameters } from "../automatic_masks/parameters.ts";
import type { StorableModel } from "../automatic_masks/promptable_model.ts";
import {
  defineMethod,
  type MethodInputs,
  NETWORK_CPU,
  type OpenContext,
  type SegmentationMethod,
  wholeInputs,
} from "./method.ts";

/** A model that embeds images: its inputs, and how to open it. */
export interface ModelSource {
  readonly inputs: MethodInputs;
  /** @throws {ParameterError} naming the first tensor that does not fit, when a checkpoint belongs to another model. */
  open(context: OpenContext): Promise<StorableModel<unknown>>;
}

/** Params of the automatic mask generator; omitted ones have the preset's value. See `AutomaticMaskParameters`. */
export const generatorParams = z.strictObject({
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
  minMaskRegionArea: z.int().positive(),
  removeRegions: z.boolean(),
  multimask: z.boolean(),
  refine: z.boolean(),
  channelOrder: z.enum(["RGB", "BGR"]),
}).partial();

/** @param complete the generator's parameters: those of the params, completed by a preset */
export function promptableMethod<Params extends z.ZodObject>(
  params: Params,
  model: ModelSource,
  complete: (params: z.output<Params>) => AutomaticMaskParameters,
): SegmentationMethod<Params> {
  return defineMethod({
    params,
    inputs: {
      ...model.inputs,
      embeddings: {
        about: "embeddings by the kind embed, of the same data, crops and channel order",
        optional: true,
      },
    },
    cpu: NETWORK_CPU,
    files: (_, sample, given) => ({
      data: [sample.image],
      ...wholeInputs(model.inputs),
      ...(given("embeddings") && { embeddings: [sampleFileName(sample)] }),
    }),
    async open(chosen, context) {
      const { promptableSegmenter } = await import("../automatic_masks/promptable_segmenter.ts");
      const [folder] = context.inputs("embeddings");
      const stored = folder === undefined
        ? undefined
        : (sample: SegmentedSample) => join(folder, sampleFileName(sample));
      return promptableSegmenter(await model.open(context), complete(chosen), stored);
    },
  });
}
