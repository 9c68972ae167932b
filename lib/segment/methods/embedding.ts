/** The models whose embeddings can be stored, and the parameters that embeddings depend on. */

import { z } from "zod";
import { mobileSamModel } from "./mobile_sam.ts";
import { generatorParams, type ModelSource } from "./promptable.ts";
import { sam2Model } from "./sam2.ts";

/** The parameters that embeddings depend on. */
export const embeddingParameters = z.strictObject({
  name: z.enum(["sam2", "mobile-sam"]),
  cropLayers: generatorParams.shape.cropLayers.unwrap(),
  cropOverlap: generatorParams.shape.cropOverlap.unwrap().default(512 / 1500),
  channelOrder: generatorParams.shape.channelOrder.unwrap(),
});

/** The model that embeds images, by name of the method. */
export const EMBEDDING_MODELS: Readonly<Record<z.output<typeof embeddingParameters>["name"], ModelSource>> = {
  "sam2": sam2Model,
  "mobile-sam": mobileSamModel,
};
