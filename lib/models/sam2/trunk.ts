/** SAM 2's trunk, a Hiera: attention in windows at four scales; a few blocks attend to the whole map. */

import { checked, labelled, Mismatch, type Tensor } from "../../tensor/op.ts";
import { add, maximum } from "../../tensor/ops/arithmetic.ts";
import { tile } from "../../tensor/ops/broadcast.ts";
import { toChannelsLast } from "../../tensor/ops/channels_last.ts";
import { conv2d } from "../../tensor/ops/conv.ts";
import { gelu } from "../../tensor/ops/elementwise.ts";
import { multiHeadAttention } from "../../tensor/ops/multi_head_attention.ts";
import { interpolate } from "../../tensor/ops/resample.ts";
import { reshape } from "../../tensor/ops/shape.ts";
import { slice } from "../../tensor/ops/slice.ts";
import { windowPartition, windowUnpartition } from "../../tensor/ops/window.ts";
import type { Sam2Configuration } from "./configurations.ts";
import { affine, normalise, type State, tensorNamed } from "./rows.ts";
import { type TrunkBlock, trunkBlocks } from "./trunk_blocks.ts";

const EPS = 1e-6;

export interface TrunkResult {
  /** The patches before position embeddings are added, [B, H, W, C]. */
  readonly patches: Tensor;
  /** The results of all blocks, [B, H, W, C]. */
  readonly blocks: readonly Tensor[];
  /** The results of all stages, the finest first. */
  readonly stages: readonly Tensor[];
}

/** The parts of an attention's combined projection of queries, keys and values. */
export const QKV = ["q", "k", "v"] as const;

/**
 * The stages of the trunk for images [B, 3, S, S], already normalised.
 *
 * @param state the trunk's tensors, with `attn.qkv` as the three tensors `attn.q`, `attn.k` and `attn.v`
 */
export function trunk(images: Tensor, configuration: Sam2Configuration, state: State): TrunkResult {
  const name = "image_encoder.trunk";
  const patches = labelled("patch_embed", () => {
    const [weight, bias] = ["weight", "bias"].map((part) =>
      tensorNamed(state, `${name}.patch_embed.proj.${part}`)
    );
    return toChannelsLast(conv2d(images, weight, { bias, stride: 4, padding: 3 }));
  });
  const position = positionEmbedding(state, [patches.shape[1], patches.shape[2]]);
  let x = add(patches, toChannelsLast(position));
  const blocks: Tensor[] = [];
  const stages: Tensor[] = [];
  for (const block of trunkBlocks(configuration)) {
    x = labelled(block.name, () => trunkBlock(x, block, state));
    blocks.push(x);
    if (block.lastOfStage !== undefined) stages.push(x);
  }
  return { patches, blocks, stages };
}

/**
 * The position embedding [1, C, H, W]: the bicubically interpolated background plus the repeated window
 * embedding.
 *
 * @param size height and width of the map of patches
 * @throws {RangeError} if the window embedding does not tile the map.
 */
export function positionEmbedding(state: State, size: readonly [number, number]): Tensor {
  const background = tensorNamed(state, "image_encoder.trunk.pos_embed");
  const window = tensorNamed(state, "image_encoder.trunk.pos_embed_window");
  const repeats = size.map((length, axis) => length / window.shape[2 + axis]);
  if (!repeats.every(Number.isInteger)) {
    throw new RangeError(
      `the map of patches is ${size.join(" × ")}; expected a multiple of the first window, ${
        window.shape[2]
      }: ` +
        "choose another image size or window",
    );
  }
  return add(interpolate(background, { size, mode: "bicubic" }), tile(window, [1, 1, ...repeats]));
}

/**
 * x + attention(norm1(x)), then + MLP(norm2(·)). If the number of channels changes, the shortcut is a
 * projection of norm1(x).
 */
function trunkBlock(x: Tensor, block: TrunkBlock, state: State): Tensor {
  const { name, channelsIn, channels, pooled } = block;
  const normalised = normalise(x, state, `${name}.norm1`, EPS);
  const projected = () => affine(normalised, state, `${name}.proj`);
  const shortcut = channelsIn === channels ? x : pooled ? halve(projected()) : projected();
  const attended = add(shortcut, windowAttention(normalised, block, state));
  const hidden = gelu(
    affine(normalise(attended, state, `${name}.norm2`, EPS), state, `${name}.mlp.layers.0`),
  );
  return add(attended, affine(hidden, state, `${name}.mlp.layers.1`));
}

/**
 * Attention of x [B, H, W, C] within windows or over the whole map. With pooling, the result has half the
 * height and width.
 */
function windowAttention(
  x: Tensor,
  { name, channels, heads, window, pooled }: TrunkBlock,
  state: State,
): Tensor {
  const [, height, width] = x.shape;
  const windows = window > 0 ? windowPartition(x, window) : x;
  const [count] = windows.shape;
  const [q, k, v] = QKV.map((part) => affine(windows, state, `${name}.attn.${part}`));
  const queries = pooled ? halve(q) : q;
  const tokens = (map: Tensor) => reshape(map, [count, -1, channels]);
  const attended = multiHeadAttention(tokens(queries), tokens(k), tokens(v), {
    heads,
    scale: (channels / heads) ** -0.5,
  });
  const y = affine(reshape(attended, queries.shape), state, `${name}.attn.proj`);
  if (window === 0) return y;
  const side = y.shape[1];
  const step = pooled ? 2 : 1;
  return checked("window_attention", [x], { window, pooled }, () => {
    const [rows, columns] = [height, width].map((length) => {
      const [before, after] = [Math.ceil(length / window), Math.ceil(Math.floor(length / step) / side)];
      if (before === after) return after * side;
      throw new Mismatch(
        `${before} windows of ${window} cover ${length} tokens, but pooled to ${side}, ${after} of them cover ` +
          `${Math.floor(length / step)}; choose a window or an image size for which both are the same`,
      );
    });
    return windowUnpartition(y, {
      // The padding is computed again, as in Hiera, because half of an odd window is rounded down.
      padded: [rows, columns],
      size: [Math.floor(height / step), Math.floor(width / step)],
    });
  });
}

/** The maximum of every 2 × 2 positions of [B, H, W, C]. */
function halve(x: Tensor): Tensor {
  const [, height, width] = x.shape;
  const every2nd = (axis: number, start: number, map: Tensor) =>
    slice(map, { axes: [axis], starts: [start], ends: [axis === 1 ? height & ~1 : width & ~1], steps: [2] });
  const rows = maximum(every2nd(1, 0, x), every2nd(1, 1, x));
  return maximum(every2nd(2, 0, rows), every2nd(2, 1, rows));
}
