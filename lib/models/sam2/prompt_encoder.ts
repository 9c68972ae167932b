/**
 * SAM 2's prompt encoder: points and boxes become tokens; a mask becomes a map that is added to the image.
 */

import { checked, labelled, Mismatch, type Tensor } from "../../tensor/op.ts";
import { add, equal, where } from "../../tensor/ops/arithmetic.ts";
import { expand } from "../../tensor/ops/broadcast.ts";
import { toChannelsFirst, toChannelsLast } from "../../tensor/ops/channels_last.ts";
import { conv2d } from "../../tensor/ops/conv.ts";
import { gelu } from "../../tensor/ops/elementwise.ts";
import { take } from "../../tensor/ops/gather.ts";
import { reshape, unsqueeze } from "../../tensor/ops/shape.ts";
import { concat } from "../../tensor/ops/slice.ts";
import type { Sam2Configuration } from "./configurations.ts";
import { fourierFeatures, relativePoints } from "./positions.ts";
import { affine, normalise, type State, tensorNamed } from "./rows.ts";

const PREFIX = "sam_prompt_encoder";
const EPS = 1e-6;

/** The meaning of a point, by label. */
export const POINT_LABEL = {
  padding: -1,
  background: 0,
  foreground: 1,
  boxTopLeft: 2,
  boxBottomRight: 3,
} as const;

/**
 * The tokens [B, N + 1, width] of prompts with N points each; the last token marks the end.
 *
 * @param points [B, N, 2], x and y in pixels of the model's input
 * @param labels int64 [B, N], see {@link POINT_LABEL}
 */
export function pointTokens(
  points: Tensor,
  labels: Tensor,
  { imageSize, width }: Pick<Sam2Configuration, "imageSize" | "width">,
  state: State,
): Tensor {
  return checked("point_tokens", [points, labels], {}, () => {
    if (points.shape.join() !== [...labels.shape, 2].join() || labels.shape.length !== 2) {
      throw new Mismatch("needs points [B, N, 2] and labels [B, N]");
    }
    const none = tensorNamed(state, `${PREFIX}.not_a_point_embed.weight`);
    const meanings = [0, 1, 2, 3].map((label) =>
      tensorNamed(state, `${PREFIX}.point_embeddings.${label}.weight`)
    );
    const meaning = take(concat([none, ...meanings], 0), 0, add(labels, 1));
    const place = fourierFeatures(relativePoints(points, imageSize), state);
    const isPadding = unsqueeze(equal(labels, POINT_LABEL.padding), 2);
    const tokens = add(where(isPadding, 0, place), meaning);
    return concat([tokens, expand(reshape(none, [1, 1, width]), [points.shape[0], 1, width])], 1);
  });
}

/** The vector [1, 1, width] that is added to every token of the image if there is no mask prompt. */
export function noMask({ width }: Pick<Sam2Configuration, "width">, state: State): Tensor {
  return reshape(tensorNamed(state, `${PREFIX}.no_mask_embed.weight`), [1, 1, width]);
}

/** The vectors [B, s², width] that mask prompts, logits [B, 1, 4s, 4s], add to the tokens of the image. */
export function maskPrompt(masks: Tensor, state: State): Tensor {
  const shrink = (x: Tensor, layer: number) => {
    const [weight, bias] = ["weight", "bias"].map((part) =>
      tensorNamed(state, `${PREFIX}.mask_downscaling.${layer}.${part}`)
    );
    const y = toChannelsLast(conv2d(x, weight, { bias, stride: 2 }));
    return toChannelsFirst(gelu(normalise(y, state, `${PREFIX}.mask_downscaling.${layer + 1}`, EPS)));
  };
  return labelled("mask_prompt", () => {
    const y = affine(toChannelsLast(shrink(shrink(masks, 0), 3)), state, `${PREFIX}.mask_downscaling.6`);
    return reshape(y, [y.shape[0], -1, y.shape[3]]);
  });
}
