/** SegFormer: sizes, batches, checkpoints that do not fit, and the head against its plain form. */

import assert from "node:assert/strict";
import { fitSegformer } from "../../lib/models/segformer/checkpoint.ts";
import { segformerHead, stageProjection } from "../../lib/models/segformer/head.ts";
import { Segformer, segformerContext } from "../../lib/models/segformer/segformer.ts";
import { HEAD } from "../../lib/models/segformer/tensor_specs.ts";
import { batchNormLayer } from "../../lib/nn/layers/batch_norm.ts";
import { ParameterError } from "../../lib/nn/parameters.ts";
import { float32, type HostTensor } from "../../lib/tensor/host_tensor.ts";
import { toChannelsFirst } from "../../lib/tensor/ops/channels_last.ts";
import { conv2d } from "../../lib/tensor/ops/conv.ts";
import { relu } from "../../lib/tensor/ops/elementwise.ts";
import { interpolate } from "../../lib/tensor/ops/resample.ts";
import { concat } from "../../lib/tensor/ops/slice.ts";
import { input } from "../../lib/tensor/ops/source.ts";
import { runProgram } from "../conformance/run_program.ts";
import { drawnTensor, drawnWeights, TINY } from "./tiny_segformer.ts";

function closeTo(given: ArrayLike<number>, expected: ArrayLike<number>, tolerance: number): void {
  assert.equal(given.length, expected.length);
  for (let i = 0; i < expected.length; i++) {
    assert.ok(Math.abs(given[i] - expected[i]) <= tolerance, `${given[i]} instead of ${expected[i]} at ${i}`);
  }
}

Deno.test("logits have a quarter of any size, rounded up, and images of a batch don't touch each other", async () => {
  const model = new Segformer(TINY, drawnWeights());
  const first = drawnTensor("first", [1, 3, 37, 50], 0, 1);
  const second = drawnTensor("second", [1, 3, 37, 50], 0, 1);
  const alone = [await model.run(first), await model.run(second)];
  assert.deepEqual(alone[0].shape, [1, 1, 10, 13]);
  const both = await model.run(float32([2, 3, 37, 50], [...first.data, ...second.data]));
  closeTo(both.data, [...alone[0].data, ...alone[1].data], 1e-5);
  await model.release();
});

Deno.test("the head that fuses stages at their own size is the one that concatenates enlarged projections", async () => {
  const context = segformerContext(TINY);
  const sizes = [[9, 11], [5, 6], [3, 3], [2, 2]];
  const names = sizes.map((_, i) => `stage${i}`);
  const shapes = sizes.map(([height, width], i) => [2, height, width, TINY.hiddenSizes[i]]);
  const stages = names.map((name, i) => input(name, "float32", shapes[i]));
  const enlarged = stages.map((stage, i) =>
    interpolate(toChannelsFirst(stageProjection(stage, i, context)), { size: [9, 11], mode: "bilinear" })
  );
  const named = (name: string) => context.state.get(`${HEAD}.${name}`)!;
  const fused = conv2d(concat(enlarged.reverse(), 1), named("linear_fuse.weight"));
  const plain = conv2d(
    relu(batchNormLayer(fused, `${HEAD}.batch_norm`, context, { axis: 1 })),
    named("classifier.weight"),
    { bias: named("classifier.bias") },
  );
  const given = names.map((name, i) => [name, drawnTensor(name, shapes[i], 0, 1)] as const);
  const results = await runProgram(
    new Map([["head", segformerHead(stages, context)], ["plain", plain]]),
    new Map([...drawnWeights(), ...given]),
  );
  const [head, expected] = ["head", "plain"].map((name) => results.get(name)!.data as Float32Array);
  closeTo(head, expected, 1e-5 * expected.reduce((most, value) => Math.max(most, Math.abs(value)), 1));
});

Deno.test("a checkpoint's first tensor that does not fit is named", () => {
  const refused = (change: (tensors: Map<string, HostTensor>) => void, message: RegExp) => {
    const tensors = drawnWeights();
    change(tensors);
    assert.throws(() => fitSegformer(TINY, tensors), (error) => {
      assert.ok(error instanceof ParameterError);
      assert.match(error.message, message);
      return true;
    });
  };
  refused(
    (tensors) => tensors.delete("segformer.encoder.block.2.1.mlp.dense1.bias"),
    /block\.2\.1\.mlp\.dense1\.bias" .*missing/,
  );
  refused(
    (tensors) =>
      tensors.set("decode_head.classifier.weight", float32([150, 8, 1, 1], new Float32Array(1200))),
    /classifier\.weight" is float32 \[150,8,1,1\], but .* \[1,8,1,1\]/,
  );
  refused((tensors) => tensors.set("fc.weight", float32([1], [0])), /"fc\.weight" is in the checkpoint, but/);
  assert.throws(
    () => fitSegformer({ ...TINY, hiddenSizes: [64, 128, 320, 512] }, drawnWeights()),
    /patch_embeddings\.0\.proj\.weight/,
  );
  const uncounted = drawnWeights();
  uncounted.delete("decode_head.batch_norm.num_batches_tracked");
  assert.equal(fitSegformer(TINY, uncounted).length, uncounted.size);
});
