/** SAM 2.1 as the model of the automatic mask generator. */

import { logitSize } from "../../models/sam2/configurations.ts";
import type { Sam2Embedding, Sam2Predictor } from "../../models/sam2/predictor.ts";
import { type FallbackOptions, singleMask } from "../../models/sam2/single_mask.ts";
import type { HostTensor } from "../../tensor/host_tensor.ts";
import type { ChannelOrder, Image } from "../../vision/image.ts";
import type { Box } from "../../vision/masks/boxes.ts";
import { crop as cutOut } from "../../vision/augment/crop.ts";
import { interpolationTaps } from "../../vision/resize/torch.ts";
import type { PointMasks, PointPrompts, StorableModel, Stretching } from "./promptable_model.ts";

/** SAM 2 for automatic masks. */
export class Sam2MaskModel implements StorableModel<Sam2Embedding> {
  readonly #predictor: Sam2Predictor;
  readonly #fallback: FallbackOptions | undefined;
  readonly decodeInto: StorableModel<Sam2Embedding>["decodeInto"];

  /**
   * @param fallback if one mask per point is predicted: when it is replaced by the best of three; never by default
   * @param keepsMasks whether masks are filtered where they are computed; by default where that is faster. With a fallback
   * they are not: it is chosen on the host
   */
  constructor(
    predictor: Sam2Predictor,
    { fallback, keepsMasks = predictor.keepsMasks }: { fallback?: FallbackOptions; keepsMasks?: boolean } =
      {},
  ) {
    this.#predictor = predictor;
    this.#fallback = fallback;
    if (!keepsMasks || fallback) return;
    this.decodeInto = async (embedding, prompts, multimask, outputs) => {
      const chosen = multimask ? [1, 2, 3] : [0];
      const runs = await predictor.decodeInto(embedding, prompts, chosen, outputs);
      return { masks: chosen.length, runs };
    };
  }

  embed(image: Image, [left, top, right, bottom]: Box, order: ChannelOrder): Promise<Sam2Embedding> {
    const box = { left, top, width: right - left, height: bottom - top };
    const isWhole = box.width === image.width && box.height === image.height;
    return this.#predictor.embed(isWhole ? image : cutOut(image, box), order);
  }

  async decode(embedding: Sam2Embedding, prompts: PointPrompts, multimask: boolean): Promise<PointMasks> {
    const single = !multimask && this.#fallback !== undefined;
    const chosen = multimask ? [1, 2, 3] : single ? [0, 1, 2, 3] : [0];
    const decoded = await this.#predictor.decode(embedding, prompts, chosen);
    const { masks, side, logits, ious } = decoded;
    const size = { width: side, height: side };
    if (!single) return { masks, logits, ious, ...size };
    const area = side * side;
    const kept = {
      masks: 1,
      logits: new Float32Array(prompts.count * area),
      ious: new Float32Array(prompts.count),
    };
    for (let i = 0; i < prompts.count; i++) {
      const mapOf = (mask: number) =>
        logits.subarray((masks * i + mask) * area, (masks * i + mask + 1) * area);
      const { chosen } = singleMask(mapOf(0), ious.subarray(masks * i, masks * (i + 1)), this.#fallback);
      kept.logits.set(mapOf(chosen), i * area);
      kept.ious[i] = ious[masks * i + chosen];
    }
    return { ...kept, ...size };
  }

  tensorsOf({ tensors }: Sam2Embedding): Readonly<Record<string, HostTensor>> {
    return tensors;
  }

  embeddingOf(
    tensors: ReadonlyMap<string, HostTensor>,
    [left, top, right, bottom]: Box,
  ): Promise<Sam2Embedding> {
    const size = { width: right - left, height: bottom - top };
    return Promise.resolve({ ...size, tensors: Object.fromEntries(tensors) });
  }

  stretching(width: number, height: number): Stretching {
    const side = logitSize(this.#predictor.configuration);
    return {
      columns: interpolationTaps(side, width, "bilinear"),
      rows: interpolationTaps(side, height, "bilinear"),
    };
  }
}
