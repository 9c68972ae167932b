import { ok } from "node:assert";
import fc from "fast-check";
import {
  type ImageTokens,
  imageToTokens,
  sharedProjections,
  tokensToImage,
} from "../../../lib/models/sam2/two_way_attention.ts";
import { affine, type State } from "../../../lib/models/sam2/rows.ts";
import { attentionSpecs, DECODER_HEADS } from "../../../lib/models/sam2/tensor_specs.ts";
import { program } from "../../../lib/tensor/graph.ts";
import { elementCount, float32, type HostTensor } from "../../../lib/tensor/host_tensor.ts";
import { interpret } from "../../../lib/tensor/interpret.ts";
import type { Tensor } from "../../../lib/tensor/op.ts";
import { sub } from "../../../lib/tensor/ops/arithmetic.ts";
import { expand } from "../../../lib/tensor/ops/broadcast.ts";
import { multiHeadAttention } from "../../../lib/tensor/ops/multi_head_attention.ts";
import { unsqueeze } from "../../../lib/tensor/ops/shape.ts";
import { input } from "../../../lib/tensor/ops/source.ts";
import { RandomStream } from "../../../lib/tensor/random.ts";

const WIDTH = 16;
const NAMES = ["cross_attn_token_to_image", "cross_attn_image_to_token"];

/** The attention as it is written in the paper: all projections, then softmax(q·kᵀ)·v of every head. */
function plain(q: Tensor, k: Tensor, v: Tensor, state: State, name: string): Tensor {
  const [queries, keys, values] = [[q, "q"], [k, "k"], [v, "v"]].map(([x, part]) =>
    affine(x as Tensor, state, `${name}.${part}_proj`)
  );
  const scale = (queries.shape[2] / DECODER_HEADS) ** -0.5;
  const heads = multiHeadAttention(queries, keys, values, { heads: DECODER_HEADS, scale });
  return affine(heads, state, `${name}.out_proj`);
}

function largestDifference(differences: Record<string, Tensor>, seed: number): number {
  const built = program(differences);
  const stream = new RandomStream({ seed, purpose: "attention" });
  const given: Record<string, HostTensor> = {};
  for (const [name, number] of built.inputs) {
    const { shape } = built.values[number];
    given[name] = float32(
      shape,
      Float32Array.from({ length: elementCount(shape) }, () => stream.uniform(-1, 1)),
    );
  }
  const results = interpret(built, given);
  return Math.max(
    ...Object.values(results).flatMap(({ data }) => Array.from(data as Float32Array, Math.abs)),
  );
}

Deno.test("projections on the other side, or made once for all prompts, change no attention", () => {
  const sizes = fc.record({
    batch: fc.integer({ min: 1, max: 3 }),
    tokens: fc.integer({ min: 1, max: 4 }),
    length: fc.integer({ min: 1, max: 5 }),
    seed: fc.nat(),
  });
  fc.assert(
    fc.property(sizes, ({ batch, tokens, length, seed }) => {
      const state: State = new Map(
        NAMES.flatMap((name) => attentionSpecs(`layer.${name}`, WIDTH, WIDTH / 2)).map((
          { name, shape },
        ) => [name, input(name, "float32", shape)]),
      );
      const prompts = input("prompts", "float32", [batch, tokens, WIDTH]);
      const placedPrompts = input("placedPrompts", "float32", [batch, tokens, WIDTH]);
      const image = input("image", "float32", [length, WIDTH]);
      const placed = input("placed", "float32", [length, WIDTH]);
      const repeated = [image, placed].map((x) => expand(unsqueeze(x, 0), [batch, length, WIDTH]));
      const sources: Record<string, ImageTokens> = {
        own: { own: true, tokens: repeated[0], placed: repeated[1] },
        shared: { own: false, ...sharedProjections(image, placed, state, "layer") },
      };
      const [toImage, toTokens] = NAMES.map((name) => `layer.${name}`);
      const differences: Record<string, Tensor> = {};
      for (const [name, source] of Object.entries(sources)) {
        differences[`${name} to image`] = sub(
          tokensToImage(placedPrompts, source, state, toImage),
          plain(placedPrompts, repeated[1], repeated[0], state, toImage),
        );
        differences[`${name} to tokens`] = sub(
          imageToTokens(source, placedPrompts, prompts, state, toTokens),
          plain(repeated[1], placedPrompts, prompts, state, toTokens),
        );
      }
      ok(largestDifference(differences, seed) < 1e-5);
    }),
    { numRuns: 30 },
  );
});
