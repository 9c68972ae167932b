/** SAM 2's image encoder: trunk and feature pyramid, which compute the mask decoder's inputs. */

import { type Tensor } from "../../tensor/op.ts";
import { add } from "../../tensor/ops/arithmetic.ts";
import { rowsOf, toChannelsFirst, toChannelsLast } from "../../tensor/ops/channels_last.ts";
import { gemm } from "../../tensor/ops/gemm.ts";
import { interpolate } from "../../tensor/ops/resample.ts";
import { reshape } from "../../tensor/ops/shape.ts";
import type { Sam2Configuration } from "./configurations.ts";
import { affine, type State, tensorNamed } from "./rows.ts";
import { trunk, type TrunkResult } from "./trunk.ts";

/** Maps [B, H, W, C] of images, the inputs of the mask decoder. */
export interface ImageFeatures {
  /** The finest map: 1/4 of the image's side, 1/8 of the width in channels. */
  readonly fine: Tensor;
  /** The next map: 1/8 of the image's side, 1/4 of the width in channels. */
  readonly medium: Tensor;
  /** The coarse map: 1/16 of the image's side, including `no_mem_embed`. */
  readonly coarse: Tensor;
}

export interface EncoderResult {
  readonly trunk: TrunkResult;
  /** The pyramid's levels [B, H, W, width], the finest first, before the coarsest are dropped. */
  readonly levels: readonly Tensor[];
  readonly features: ImageFeatures;
}

/** The encoder of images [B, 3, S, S], already normalised. */
export function imageEncoder(images: Tensor, configuration: Sam2Configuration, state: State): EncoderResult {
  const result = trunk(images, configuration, state);
  const levels = pyramid(result.stages, configuration, state);
  const kept = levels.slice(0, levels.length - configuration.droppedLevels);
  const noMemory = reshape(tensorNamed(state, "no_mem_embed"), [1, 1, 1, configuration.width]);
  const narrow = (level: number) =>
    configuration.topDownLevels.includes(level)
      ? affine(kept[level], state, `sam_mask_decoder.conv_s${level}`)
      : narrowedStage(result.stages, level, state);
  return {
    trunk: result,
    levels,
    features: { fine: narrow(0), medium: narrow(1), coarse: add(kept[kept.length - 1], noMemory) },
  };
}

function lateral(level: number, stages: readonly Tensor[]): string {
  return `image_encoder.neck.convs.${stages.length - 1 - level}.conv`;
}

/**
 * Computes levels from the coarsest to the finest: the stage's projection, plus the upscaled coarser level
 * for `topDownLevels`.
 */
function pyramid(
  stages: readonly Tensor[],
  { topDownLevels, topDownMode }: Sam2Configuration,
  state: State,
): Tensor[] {
  const levels: Tensor[] = [];
  for (let level = stages.length - 1; level >= 0; level--) {
    const own = affine(stages[level], state, lateral(level, stages));
    const below = levels[0];
    if (below && topDownLevels.includes(level)) {
      const size = [own.shape[1], own.shape[2]] as const;
      const enlarged = interpolate(toChannelsFirst(below), { size, mode: topDownMode });
      levels.unshift(add(own, toChannelsLast(enlarged)));
    } else {
      levels.unshift(own);
    }
  }
  return levels;
}

/**
 * A level without a coarser level added, reduced to the few channels that the decoder reads. The matrices of
 * both projections are multiplied first, which saves most of the work on the largest map.
 */
function narrowedStage(stages: readonly Tensor[], level: number, state: State): Tensor {
  const x = stages[level];
  const [first, second] = [lateral(level, stages), `sam_mask_decoder.conv_s${level}`].map((name) => {
    const weight = tensorNamed(state, `${name}.weight`);
    return {
      weight: rowsOf(reshape(weight, weight.shape.slice(0, 2))),
      bias: tensorNamed(state, `${name}.bias`),
    };
  });
  const weight = gemm(second.weight, first.weight);
  const bias = gemm(reshape(first.bias, [1, -1]), second.weight, { transposeB: true, bias: second.bias });
  const y = gemm(rowsOf(x), weight, { transposeB: true, bias: reshape(bias, [-1]) });
  return reshape(y, [...x.shape.slice(0, -1), weight.shape[0]]);
}
