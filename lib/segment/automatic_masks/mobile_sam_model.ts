/** MobileSAM as the model of the automatic mask generator. */

import { fittedSize, type MobileSam, type PreparedEmbedding } from "../../models/mobile_sam/mobile_sam.ts";
import { EMBEDDING_SHAPE, IMAGE_SIZE, LOGIT_SIZE } from "../../models/mobile_sam/programs.ts";
import { crop as cutOut } from "../../vision/augment/crop.ts";
import { float32, type HostTensor } from "../../tensor/host_tensor.ts";
import type { ChannelOrder, Image } from "../../vision/image.ts";
import type { Box } from "../../vision/masks/boxes.ts";
import { composeTaps } from "../../vision/resize/taps.ts";
import { interpolationTaps } from "../../vision/resize/torch.ts";
import type { PointMasks, PointPrompts, StorableModel, Stretching } from "./promptable_model.ts";

interface CropEmbedding {
  readonly embedding: HostTensor<"float32">;
  readonly prepared: PreparedEmbedding;
  /** From the crop's pixels to those of the encoder's square, across and down. */
  readonly scale: readonly [number, number];
}

/** MobileSAM for automatic masks. */
export class MobileSamMaskModel implements StorableModel<CropEmbedding> {
  readonly decodeInto: StorableModel<CropEmbedding>["decodeInto"];

  /** @param keepsMasks whether masks are filtered where they are computed; by default where that is faster */
  constructor(readonly model: MobileSam, { keepsMasks = model.keepsMasks } = {}) {
    if (!keepsMasks) return;
    this.decodeInto = async ({ prepared, scale }, { points, masks }, multimask, outputs) => {
      const chosen = chosenMasks(multimask);
      const runs = await model.decodeInto(prepared, scaledPoints(points, masks, scale), chosen, outputs);
      return { masks: chosen.length, runs };
    };
  }

  async embed(image: Image, crop: Box, order: ChannelOrder): Promise<CropEmbedding> {
    const [left, top, right, bottom] = crop;
    const shown = cutOut(image, { left, top, width: right - left, height: bottom - top });
    return await this.#prepare(await this.model.embed(shown, order), crop);
  }

  tensorsOf({ embedding }: CropEmbedding): Readonly<Record<string, HostTensor>> {
    return { embedding };
  }

  /** @throws {RangeError} when the tensors are not an embedding by MobileSAM. */
  async embeddingOf(tensors: ReadonlyMap<string, HostTensor>, crop: Box): Promise<CropEmbedding> {
    const tensor = tensors.get("embedding");
    if (tensor?.shape.join() !== EMBEDDING_SHAPE.join()) {
      throw new RangeError(
        `expected a stored embedding by MobileSAM of shape [${EMBEDDING_SHAPE}], but found ${
          tensor ? `[${tensor.shape}]` : "none"
        }`,
      );
    }
    return await this.#prepare(float32(EMBEDDING_SHAPE, tensor.data as Float32Array), crop);
  }

  async #prepare(embedding: HostTensor<"float32">, [left, top, right, bottom]: Box): Promise<CropEmbedding> {
    const [width, height] = [right - left, bottom - top];
    const fitted = fittedSize(width, height);
    return {
      embedding,
      prepared: await this.model.prepare(embedding),
      scale: [fitted.width / width, fitted.height / height],
    };
  }

  /** @throws {RangeError} when prompts contain masks, which the model's programs do not support. */
  async decode(
    { prepared, scale }: CropEmbedding,
    { points, masks }: PointPrompts,
    multimask: boolean,
  ): Promise<PointMasks> {
    const decoded = await this.model.decode(
      prepared,
      scaledPoints(points, masks, scale),
      chosenMasks(multimask),
    );
    return { ...decoded, width: LOGIT_SIZE, height: LOGIT_SIZE };
  }

  /** To the encoder's square, whose part that shows the crop is then stretched to it: two bilinear steps in one. */
  stretching(width: number, height: number): Stretching {
    const fitted = fittedSize(width, height);
    const toSquare = interpolationTaps(LOGIT_SIZE, IMAGE_SIZE, "bilinear");
    return {
      columns: composeTaps(toSquare, interpolationTaps(fitted.width, width, "bilinear")),
      rows: composeTaps(toSquare, interpolationTaps(fitted.height, height, "bilinear")),
    };
  }
}

function chosenMasks(multimask: boolean): number[] {
  return multimask ? [1, 2, 3] : [0];
}

function scaledPoints(
  points: Float32Array,
  masks: Float32Array | undefined,
  scale: CropEmbedding["scale"],
): Float32Array {
  if (masks) throw new RangeError("MobileSAM does not support refining masks; set `refine` to false");
  return points.map((value, i) => value * scale[i % 2]);
}
