/** The methods `sam2` and `mobile-sam`: masks at a grid of points, from embeddings that are computed or read from files. */

import { join } from "node:path";
import { readWeights } from "../../nn/checkpoint/open.ts";
import { writeSafetensors } from "../../nn/checkpoint/safetensors_writer.ts";
import { requireFinite } from "../../nn/finite.ts";
import type { HostTensor } from "../../tensor/host_tensor.ts";
import type { ChannelOrder, Image } from "../../vision/image.ts";
import type { Box } from "../../vision/masks/boxes.ts";
import { cropBoxes } from "./crop_boxes.ts";
import { generateMasks } from "./generate_masks.ts";
import type { AutomaticMaskParameters } from "./parameters.ts";
import type { PromptableModel, StorableModel } from "./promptable_model.ts";
import type { SegmentedSample, Segmenter } from "../segmenter.ts";
import { isThere } from "../../system/is_there.ts";

/** The parameters that embeddings depend on. */
export type EmbeddingParameters = Pick<
  AutomaticMaskParameters,
  "cropLayers" | "cropOverlap" | "channelOrder"
>;

/** @param embeddingsOf the folder of a sample's embeddings; without it they are computed */
export function promptableSegmenter<Embedding>(
  model: StorableModel<Embedding>,
  parameters: AutomaticMaskParameters,
  embeddingsOf?: (sample: SegmentedSample) => string,
): Segmenter {
  return {
    async masks(image, sample) {
      const source = embeddingsOf ? withStoredEmbeddings(model, embeddingsOf(sample)) : model;
      const { masks } = await generateMasks(image, source, parameters);
      return masks.map(({ runs, predictedIou, stability }) => ({
        runs,
        scores: { predicted_iou: predictedIou, stability_score: stability },
      }));
    },
  };
}

/**
 * Writes the embeddings of an RGB image and its crops into `folder`, a safetensors file a crop.
 *
 * @throws {NotFiniteError} when an embedding is not finite.
 */
export async function writeEmbeddings<Embedding>(
  image: Image,
  model: StorableModel<Embedding>,
  { cropLayers, cropOverlap, channelOrder }: EmbeddingParameters,
  folder: string,
): Promise<void> {
  for (const { box } of cropBoxes(image.width, image.height, cropLayers, cropOverlap)) {
    const tensors = new Map(Object.entries(model.tensorsOf(await model.embed(image, box, channelOrder))));
    requireFinite(
      tensors,
      `the embedding of the crop ${box.join("-")}`,
      "it is not stored; check the model's weights",
    );
    writeSafetensors(join(folder, fileOf(box, channelOrder)), tensors);
  }
}

function withStoredEmbeddings<Embedding>(
  model: StorableModel<Embedding>,
  folder: string,
): PromptableModel<Embedding> {
  return {
    embed: (_, crop, order) => model.embeddingOf(readTensors(join(folder, fileOf(crop, order))), crop),
    decode: (embedding, prompts, multimask) => model.decode(embedding, prompts, multimask),
    decodeInto: model.decodeInto?.bind(model),
    stretching: (width, height) => model.stretching(width, height),
  };
}

function fileOf(crop: Box, order: ChannelOrder): string {
  return `${order}-${crop.join("-")}.safetensors`;
}

function readTensors(path: string): Map<string, HostTensor> {
  if (!isThere(path)) {
    throw new Error(
      `there is no embedding ${path}; run embed with the same crop layers, overlap and channel order as segment`,
    );
  }
  return readWeights(path);
}
